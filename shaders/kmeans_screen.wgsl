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
// Past the last centroid, to a multiple of 256, out of reach.
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
  for (var x = 0u; x < 16; x++) { take(lead, tile_sums[at + x * 32], first + x); }
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
  let quarter = lane / 32;
  let blocks = params.padded_dim / 16;
  let left_at = (first_row / 64 + quarter % 2) * blocks * 1024;
  let half_columns = quarter / 2 * 1024;
  let sums_at = quarter * 512;
  // An invocation scans two rows of its quarter, 32 apart.
  var low = no_lead;
  var high = no_lead;
  for (var first_column = 0u; first_column < params.centroid_count; first_column += 128) {
    // Sums begin at minus the half norms: 16 equal rows of them, as a matrix is loaded.
    let offset = -half_norms[first_column + lane];
    for (var r = 0u; r < 16; r++) { tile_sums[r * 128 + lane] = offset; }
    workgroupBarrier();
    let offsets_0 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&tile_sums, quarter / 2 * 64, 128);
    let offsets_1 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&tile_sums, quarter / 2 * 64 + 16, 128);
    let offsets_2 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&tile_sums, quarter / 2 * 64 + 32, 128);
    let offsets_3 = subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>(&tile_sums, quarter / 2 * 64 + 48, 128);
    var sum_00 = offsets_0; var sum_01 = offsets_1; var sum_02 = offsets_2; var sum_03 = offsets_3;
    var sum_10 = offsets_0; var sum_11 = offsets_1; var sum_12 = offsets_2; var sum_13 = offsets_3;
    var sum_20 = offsets_0; var sum_21 = offsets_1; var sum_22 = offsets_2; var sum_23 = offsets_3;
    var sum_30 = offsets_0; var sum_31 = offsets_1; var sum_32 = offsets_2; var sum_33 = offsets_3;
    let right_at = first_column / 64 * blocks * 128 + lane;
#import inline/half_begin
    for (var even = 0u; even < blocks; even += 4) {
#import inline/half_chunk
    }
    let column = first_column + quarter / 2 * 64;
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_00, 32);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_10, 32);
    workgroupBarrier();
    scan(&low, sums_at + lane % 32, column);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_20, 32);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_30, 32);
    workgroupBarrier();
    scan(&high, sums_at + lane % 32, column);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_01, 32);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_11, 32);
    workgroupBarrier();
    scan(&low, sums_at + lane % 32, column + 16);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_21, 32);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_31, 32);
    workgroupBarrier();
    scan(&high, sums_at + lane % 32, column + 16);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_02, 32);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_12, 32);
    workgroupBarrier();
    scan(&low, sums_at + lane % 32, column + 32);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_22, 32);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_32, 32);
    workgroupBarrier();
    scan(&high, sums_at + lane % 32, column + 32);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_03, 32);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_13, 32);
    workgroupBarrier();
    scan(&low, sums_at + lane % 32, column + 48);
    workgroupBarrier();
    subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_23, 32);
    subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_33, 32);
    workgroupBarrier();
    scan(&high, sums_at + lane % 32, column + 48);
    workgroupBarrier();
  }
  workgroupBarrier();
  // [row of the tile][half of the columns], five words for each lead.
  let row = quarter % 2 * 64 + lane % 32;
  keep_lead((row * 2 + quarter / 2) * 5, low);
  keep_lead(((row + 32) * 2 + quarter / 2) * 5, high);
  workgroupBarrier();
  if (first_row + lane >= params.row_count) { return; }
  // The lower columns first, so that of equal scores the lowest label leads.
  var lead = kept_lead(lane * 10);
  let other = kept_lead(lane * 10 + 5);
  take(&lead, other.best, other.label);
  take(&lead, other.second, other.rival);
  lead.third = max(lead.third, other.third);
  settle(first_row + lane, lead, largest);
}

fn keep_lead(at: u32, lead: Lead) {
  tile_sums[at] = lead.best;
  tile_sums[at + 1] = lead.second;
  tile_sums[at + 2] = lead.third;
  tile_sums[at + 3] = bitcast<f32>(lead.label);
  tile_sums[at + 4] = bitcast<f32>(lead.rival);
}

fn kept_lead(at: u32) -> Lead {
  return Lead(
    tile_sums[at],
    tile_sums[at + 1],
    tile_sums[at + 2],
    bitcast<u32>(tile_sums[at + 3]),
    bitcast<u32>(tile_sums[at + 4]),
  );
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
