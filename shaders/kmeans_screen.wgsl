// The fast pass of an exact assignment: finds each row's nearest centroid among f16 roundings and lists the rows whose
// lead over the second best is not larger than what rounding can have changed. kmeans_assign works those rows in f32, so
// that labels are those of kmeans_assign alone. Written for f16 matrices; the plain form is for tests.
// With x = r + e the row, c = s + f a centroid, |.| lengths: x.c - r.s = e.c + r.f, so a difference of two scores is off by
// at most 2 (|e| max|c| + |r| max|f|); sums in f32, here with units of 2^-22 as some matrix units truncate and 2^-23 in
// kmeans_assign, add 3 * 2^-22 padded_dim |r| max|c|, and the half norms their own rounding.
// list: [0] to [2] the workgroups of an indirect dispatch over listed rows, 64 in each; [3] their number; then the rows.
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
@group(0) @binding(5) var<storage, read> half_norms: array<f32>;
@group(0) @binding(6) var<storage, read_write> labels: array<u32>;
@group(0) @binding(7) var<storage, read_write> list: array<atomic<u32>>;

const lowest = -3.4e38;

struct Lead {
  best: f32,
  second: f32,
  label: u32,
}

// A centroid past the last one is out of reach.
fn half_norm(centroid: u32) -> f32 {
  if (centroid >= params.centroid_count) { return -lowest; }
  return half_norms[centroid];
}

fn take(lead: ptr<function, Lead>, score: f32, label: u32) {
  (*lead).second = max((*lead).second, min(score, (*lead).best));
  if (score > (*lead).best) {
    (*lead).best = score;
    (*lead).label = label;
  }
}

// x: the largest error of a centroid, y: the largest length of a rounded one
var<workgroup> lane_largest: array<vec2f, LANES>;

fn largest_errors(lane: u32) -> vec2f {
  var largest = vec2f();
  for (var c = lane; c < params.centroid_count; c += LANES) { largest = max(largest, right_errors[c]); }
  lane_largest[lane] = largest;
  workgroupBarrier();
  for (var width = LANES / 2; width > 0; width /= 2) {
    if (lane < width) { lane_largest[lane] = max(lane_largest[lane], lane_largest[lane + width]); }
    workgroupBarrier();
  }
  return lane_largest[0];
}

fn settle(row: u32, lead: Lead, largest: vec2f) {
  labels[row] = lead.label;
  let error = left_errors[row];
  let longest = largest.x + largest.y;
  let rounding = f32(params.padded_dim) * 3 * 0x1p-22 * error.y * longest + (error.x + error.y + longest) * longest * 0x1p-21;
  let doubt = 2 * (error.x * longest + error.y * largest.x) + rounding;
  // Written so that a lead that is not a number is in doubt too.
  if (!(lead.best - lead.second > doubt)) {
    let position = atomicAdd(&list[3], 1u);
    if (position % 64 == 0) { atomicAdd(&list[0], 1u); }
    atomicStore(&list[4 + position], row);
  }
}

#ifdef MATRIX
const LANES = 128u;
#import half_tile

fn scan(lead: ptr<function, Lead>, at: u32, first: u32) {
  for (var x = 0u; x < 16; x++) { take(lead, tile_sums[at + x] - half_norm(first + x), first + x); }
}

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first_row = flat_index(workgroup, workgroups) * 128;
  if (first_row >= params.row_count) { return; }
  let largest = largest_errors(lane);
  let quarter = lane / 32;
  let blocks = params.padded_dim / 16;
  let left_at = (first_row / 64 + quarter % 2) * blocks * 1024;
  let half_columns = quarter / 2 * 1024;
  let sums_at = quarter * 1024;
  // An invocation scans two rows of its quarter.
  let low_at = sums_at + lane % 32 * 16;
  let high_at = low_at + 512;
  var low = Lead(lowest, lowest, 0);
  var high = Lead(lowest, lowest, 0);
  for (var first_column = 0u; first_column < params.centroid_count; first_column += 128) {
    let right_at = first_column / 64 * blocks * 128 + lane;
#import half_product
    let column = first_column + quarter / 2 * 64;
    subgroupMatrixStore<row_major>(&tile_sums, sums_at, sum_00, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 256, sum_10, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 512, sum_20, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 768, sum_30, 16);
    workgroupBarrier();
    scan(&low, low_at, column);
    scan(&high, high_at, column);
    workgroupBarrier();
    subgroupMatrixStore<row_major>(&tile_sums, sums_at, sum_01, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 256, sum_11, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 512, sum_21, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 768, sum_31, 16);
    workgroupBarrier();
    scan(&low, low_at, column + 16);
    scan(&high, high_at, column + 16);
    workgroupBarrier();
    subgroupMatrixStore<row_major>(&tile_sums, sums_at, sum_02, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 256, sum_12, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 512, sum_22, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 768, sum_32, 16);
    workgroupBarrier();
    scan(&low, low_at, column + 32);
    scan(&high, high_at, column + 32);
    workgroupBarrier();
    subgroupMatrixStore<row_major>(&tile_sums, sums_at, sum_03, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 256, sum_13, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 512, sum_23, 16);
    subgroupMatrixStore<row_major>(&tile_sums, sums_at + 768, sum_33, 16);
    workgroupBarrier();
    scan(&low, low_at, column + 48);
    scan(&high, high_at, column + 48);
    workgroupBarrier();
  }
  workgroupBarrier();
  // [row of the tile][half of the columns]: best, second, label
  let row = quarter % 2 * 64 + lane % 32;
  let half = quarter / 2;
  keep_lead((row * 2 + half) * 4, low);
  keep_lead(((row + 32) * 2 + half) * 4, high);
  workgroupBarrier();
  if (first_row + lane >= params.row_count) { return; }
  var lead = kept_lead(lane * 8);
  let other = kept_lead(lane * 8 + 4);
  lead.second = max(max(lead.second, other.second), min(lead.best, other.best));
  if (other.best > lead.best || (other.best == lead.best && other.label < lead.label)) {
    lead.best = other.best;
    lead.label = other.label;
  }
  settle(first_row + lane, lead, largest);
}

fn keep_lead(at: u32, lead: Lead) {
  tile_sums[at] = lead.best;
  tile_sums[at + 1] = lead.second;
  tile_sums[at + 2] = bitcast<f32>(lead.label);
}

fn kept_lead(at: u32) -> Lead {
  return Lead(tile_sums[at], tile_sums[at + 1], bitcast<u32>(tile_sums[at + 2]));
}
#else
const LANES = 64u;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let largest = largest_errors(lane);
  let row = flat_index(workgroup, workgroups) * 64 + lane;
  if (row >= params.row_count) { return; }
  let blocks = params.padded_dim / 16;
  var lead = Lead(lowest, lowest, 0);
  for (var c = 0u; c < params.centroid_count; c++) {
    var score = -half_norm(c);
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
