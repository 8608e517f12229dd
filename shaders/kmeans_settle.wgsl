// Settles the rows that kmeans_prune left open: scores in full the centroids that may be a row's nearest and labels it by
// the largest score, lowest index on ties, its own label included. A workgroup works 64 rows one after the other, 8
// centroids at a time, so that all its invocations read the same row: on a CPU's vector such a load costs an eighth.
#import flat_index

struct Params {
  row_count: u32,
  dim: u32,
  row_pairs: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
#ifdef WIDE
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read> centroids: array<vec4f>;
#else
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> centroids: array<f32>;
#endif
@group(0) @binding(3) var<storage, read> half_norms: array<f32>;
@group(0) @binding(4) var<storage, read> scores: array<f32>;
@group(0) @binding(5) var<storage, read> pairs: array<u32>;
@group(0) @binding(6) var<storage, read_write> labels: array<u32>;

#import row_score

var<workgroup> lane_scores: array<f32, 8>;
var<workgroup> lane_labels: array<u32, 8>;

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first_row = flat_index(workgroup, workgroups) * 64;
  for (var row = first_row; row < min(first_row + 64, params.row_count); row++) {
    let start = row * (params.row_pairs + 1);
    let count = pairs[start];
    if (count == 0) { continue; }
    var best = -3.4e38;
    var label = 0u;
    // Centroids come in ascending order: the first of equal scores is the lowest.
    for (var p = lane; p < count; p += 8u) {
      let centroid = pairs[start + 1 + p];
      let score = row_score(row, centroid);
      if (score > best) {
        best = score;
        label = centroid;
      }
    }
    lane_scores[lane] = best;
    lane_labels[lane] = label;
    workgroupBarrier();
    if (lane == 0) {
      best = scores[row];
      label = labels[row];
      for (var other = 0u; other < min(count, 8); other++) {
        let score = lane_scores[other];
        if (score > best || (score == best && lane_labels[other] < label)) {
          best = score;
          label = lane_labels[other];
        }
      }
      labels[row] = label;
    }
    workgroupBarrier();
  }
}
