// The nearest centroid of each row and its squared distance, without ever storing distances to the others.
// argmin |x - c|^2 = argmax (x.c - |c|^2 / 2): each lane keeps the best of 8 rows over its share of the centroids, lanes
// are combined at the end, and the winner's distance is summed anew from differences, which do not cancel.
// Ties go to the lowest index. With resume = 1 a centroid must beat the distance already there, so that any number of
// centroids can be worked block by block. `left` holds the rows and `right` the centroids, as panels.
#ifdef LANES8
enable subgroups;
diagnostic(off, subgroup_uniformity);
#endif
#import flat_index
#import dot_tile
#import first_largest

struct Params {
  row_count: u32,
  dim: u32,
  centroid_count: u32,
  first_label: u32,
  resume: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> right: array<vec4f>;
@group(0) @binding(3) var<storage, read> half_norms: array<f32>;
@group(0) @binding(4) var<storage, read_write> labels: array<u32>;
@group(0) @binding(5) var<storage, read_write> distances: array<f32>;

const lowest = -3.4e38;

// [column lane][row of the panel]
var<workgroup> lane_scores: array<f32, 512>;
var<workgroup> lane_labels: array<u32, 512>;

// A centroid past the last one is out of reach.
fn half_norm(centroid: u32) -> f32 {
  if (centroid >= params.centroid_count) { return -lowest; }
  return half_norms[centroid];
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let panel = flat_index(workgroup, workgroups);
  if (panel * 64 >= params.row_count) { return; }
  let row_lane = lane % 8;
  let column_lane = lane / 8;
  var scores: array<f32, 8>;
  var winners: array<u32, 8>;
  for (var r = 0u; r < 8; r++) { scores[r] = lowest; }
  for (var first = column_lane * 8; first < params.centroid_count; first += 64u) {
    let dots = dot_tile(panel * params.dim * 16 + row_lane * 2, first / 64 * params.dim * 16 + column_lane * 2, params.dim, row_lane);
    let low_norms = vec4f(half_norm(first), half_norm(first + 1), half_norm(first + 2), half_norm(first + 3));
    let high_norms = vec4f(half_norm(first + 4), half_norm(first + 5), half_norm(first + 6), half_norm(first + 7));
    for (var r = 0u; r < 8; r++) {
      let low = dots[2 * r] - low_norms;
      let high = dots[2 * r + 1] - high_norms;
      let score = largest_of(low, high);
      if (score > scores[r]) {
        scores[r] = score;
        winners[r] = first + first_largest(low, high, score);
      }
    }
  }
  for (var r = 0u; r < 8; r++) {
    lane_scores[column_lane * 64 + row_lane * 8 + r] = scores[r];
    lane_labels[column_lane * 64 + row_lane * 8 + r] = winners[r];
  }
  workgroupBarrier();
  let row = panel * 64 + lane;
  if (row >= params.row_count) { return; }
  var best = lowest;
  var label = 0u;
  for (var c = 0u; c < 8; c++) {
    let score = lane_scores[c * 64 + lane];
    let candidate = lane_labels[c * 64 + lane];
    if (score > best || (score == best && candidate < label)) {
      best = score;
      label = candidate;
    }
  }
  var distance = 0.0;
  for (var i = 0u; i < params.dim; i++) {
    let difference = left[(panel * params.dim + i) * 16 + lane / 4][lane % 4]
      - right[(label / 64 * params.dim + i) * 16 + label % 64 / 4][label % 4];
    distance += difference * difference;
  }
  if (params.resume == 0 || distance < distances[row]) {
    labels[row] = params.first_label + label;
    distances[row] = distance;
  }
}
