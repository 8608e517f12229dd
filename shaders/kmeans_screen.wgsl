// The fast pass of an exact assignment: finds each row's nearest centroid among f16 roundings. Where the lead over the second
// best is not larger than what rounding can have changed, the row is listed: for kmeans_duel with the second best if the
// third is out of reach, else for kmeans_assign. So labels are those of kmeans_assign alone. Written for f16 matrices; the
// plain form is for tests.
// With x = r + e the row, c = s + f a centroid, |.| lengths: x.c - r.s = e.c + r.f, so a difference of two scores is off by
// at most 2 (|e| max|c| + |r| max|f|); sums in f32, here with units of 2^-22 as some matrix units truncate and 2^-23 in
// kmeans_assign, add 3 * 2^-22 padded_dim (|r| max|c| + half norm), and the half norms their own rounding.
// list: [0] to [2] the workgroups of an indirect dispatch over listed rows, 64 in each; [3] their number; then the rows.
// duels: the same, with the second best after each row.
#ifdef MATRIX
enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);
#endif
#import flat_index

struct Params {
  row_count: u32,
  padded_dim: u32,
  centroid_count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
#ifdef MATRIX
@group(0) @binding(1) var<storage, read> left: array<f16>;
@group(0) @binding(2) var<storage, read> right: array<vec4u>;
#else
@group(0) @binding(1) var<storage, read> left: array<u32>;
@group(0) @binding(2) var<storage, read> right: array<u32>;
#endif
@group(0) @binding(3) var<storage, read> left_errors: array<vec2f>;
@group(0) @binding(4) var<storage, read> right_errors: array<vec2f>;
// Past the last centroid, to a multiple of 256, out of reach; then the same as matrices to begin sums with (half_norms.ts).
@group(0) @binding(5) var<storage, read> half_norms: array<f32>;
@group(0) @binding(6) var<storage, read_write> labels: array<u32>;
@group(0) @binding(7) var<storage, read_write> list: array<atomic<u32>>;
@group(0) @binding(8) var<storage, read_write> duels: array<atomic<u32>>;

const lowest = -3.4e38;

struct Lead {
  best: f32,
  second: f32,
  third: f32,
  label: u32,
  rival: u32,
}

const no_lead = Lead(lowest, lowest, lowest, 0, 0);

fn take(lead: ptr<function, Lead>, score: f32, label: u32) {
  (*lead).third = max((*lead).third, min(score, (*lead).second));
  if (score > (*lead).second) {
    let leads = score > (*lead).best;
    (*lead).rival = select(label, (*lead).label, leads);
    (*lead).second = select(score, (*lead).best, leads);
    (*lead).label = select((*lead).label, label, leads);
    (*lead).best = select((*lead).best, score, leads);
  }
}

// x: the largest error of a centroid, y: the largest length of a rounded one; over every `step`th centroid.
fn largest_errors(first: u32, step: u32) -> vec2f {
  var largest = vec2f();
  for (var c = first; c < params.centroid_count; c += step) { largest = max(largest, right_errors[c]); }
  return largest;
}

fn settle(row: u32, lead: Lead, largest: vec2f) {
  labels[row] = lead.label;
  let error = left_errors[row];
  let longest = largest.x + largest.y;
  let scale = (error.x + error.y + longest) * longest;
  let rounding = f32(params.padded_dim) * 3 * 0x1p-22 * (error.y + longest / 2) * longest + scale * 0x1p-21;
  let doubt = 2 * (error.x * longest + error.y * largest.x) + rounding;
  // Written so that a lead that is not a number is in doubt too.
  if (lead.best - lead.second > doubt) { return; }
  if (lead.best - lead.third > doubt) {
    let position = atomicAdd(&duels[3], 1u);
    if (position % 64 == 0) { atomicAdd(&duels[0], 1u); }
    atomicStore(&duels[4 + position * 2], row);
    atomicStore(&duels[5 + position * 2], lead.rival);
  } else {
    let position = atomicAdd(&list[3], 1u);
    if (position % 64 == 0) { atomicAdd(&list[0], 1u); }
    atomicStore(&list[4 + position], row);
  }
}

#ifdef MATRIX
#import half_tile

fn scan(lead: ptr<function, Lead>, at: u32, first: u32) {
  for (var x = 0u; x < 16; x++) { take(lead, tile_sums[at + x * 36], first + x); }
}

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first_row = flat_index(workgroup, workgroups) * 128;
  if (first_row >= params.row_count) { return; }
  // Across a subgroup, as workgroup memory is scarce (half_tile.wgsl).
  let largest = subgroupMax(largest_errors(lane % 32, 32));
  let part = lane / 32;
  let blocks = params.padded_dim / 16;
  let left_at = (first_row / 64 + part / 2) * blocks * 1024 + part % 2 * 512;
  let sums_at = part * 576;
  let carried = carried_to(lane);
  let tile_words = blocks * 256;
  let last_tile = (params.centroid_count - 1) / 128 * tile_words + lane;
  // An invocation scans one row: that of its place in the tile.
  var lead = no_lead;
  var right_at = lane;
#import inline/half_begin
  for (var first_column = 0u; first_column < params.centroid_count; first_column += 128) {
    let offsets_at = (params.centroid_count + 255) / 256 * 256 + first_column * 16;
    let offsets_0 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&half_norms, offsets_at, 16);
    let offsets_1 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&half_norms, offsets_at + 256, 16);
    let offsets_2 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&half_norms, offsets_at + 512, 16);
    let offsets_3 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&half_norms, offsets_at + 768, 16);
    let offsets_4 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&half_norms, offsets_at + 1024, 16);
    let offsets_5 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&half_norms, offsets_at + 1280, 16);
    let offsets_6 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&half_norms, offsets_at + 1536, 16);
    let offsets_7 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&half_norms, offsets_at + 1792, 16);
    var sum_00 = offsets_0; var sum_10 = offsets_0;
    var sum_01 = offsets_1; var sum_11 = offsets_1;
    var sum_02 = offsets_2; var sum_12 = offsets_2;
    var sum_03 = offsets_3; var sum_13 = offsets_3;
    var sum_04 = offsets_4; var sum_14 = offsets_4;
    var sum_05 = offsets_5; var sum_15 = offsets_5;
    var sum_06 = offsets_6; var sum_16 = offsets_6;
    var sum_07 = offsets_7; var sum_17 = offsets_7;
    // The first stage of the next tile; at the end one that nobody reads.
    let following = min(right_at + tile_words, last_tile);
    for (var block = 0u; block < blocks; block += 2) {
      let next = select(right_at + (block + 2) * 128, following, block + 2 == blocks);
#import inline/half_stage
    }
    right_at = following;
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_00, 36);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_10, 36);
    workgroupBarrier();
    scan(&lead, sums_at + lane % 32, first_column);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_01, 36);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_11, 36);
    workgroupBarrier();
    scan(&lead, sums_at + lane % 32, first_column + 16);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_02, 36);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_12, 36);
    workgroupBarrier();
    scan(&lead, sums_at + lane % 32, first_column + 32);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_03, 36);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_13, 36);
    workgroupBarrier();
    scan(&lead, sums_at + lane % 32, first_column + 48);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_04, 36);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_14, 36);
    workgroupBarrier();
    scan(&lead, sums_at + lane % 32, first_column + 64);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_05, 36);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_15, 36);
    workgroupBarrier();
    scan(&lead, sums_at + lane % 32, first_column + 80);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_06, 36);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_16, 36);
    workgroupBarrier();
    scan(&lead, sums_at + lane % 32, first_column + 96);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_07, 36);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_17, 36);
    workgroupBarrier();
    scan(&lead, sums_at + lane % 32, first_column + 112);
    workgroupBarrier();
  }
  let row = first_row + lane;
  if (row < params.row_count) { settle(row, lead, largest); }
}
#else
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let largest = largest_errors(0, 1);
  let row = flat_index(workgroup, workgroups) * 64 + lane;
  if (row >= params.row_count) { return; }
  let blocks = params.padded_dim / 16;
  var lead = no_lead;
  for (var c = 0u; c < params.centroid_count; c++) {
    var score = -half_norms[c];
    for (var pair = 0u; pair < params.padded_dim / 2; pair++) {
      let x = unpack2x16float(left[((row / 64 * blocks + pair / 8) * 64 + row % 64) * 8 + pair % 8]);
      let y = unpack2x16float(right[((c / 64 * blocks + pair / 8) * 64 + c % 64) * 8 + pair % 8]);
      score += x.x * y.x + x.y * y.y;
    }
    take(&lead, score, c);
  }
  settle(row, lead, largest);
}
#endif
