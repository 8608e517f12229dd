// The labels of listed rows from the best score in each stretch of centroids: kmeans_assign works a short list stretch by
// stretch, side by side, as few rows alone leave a large GPU idle. The largest score wins, the lowest label on ties, which
// is that of the lowest stretch. One invocation for each listed row.

struct Params {
  stretches: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// As kmeans_screen writes it: [3] the number of rows, then the rows.
@group(0) @binding(1) var<storage, read> list: array<u32>;
// [position in the list][stretch]
@group(0) @binding(2) var<storage, read> scores: array<f32>;
@group(0) @binding(3) var<storage, read> candidates: array<u32>;
@group(0) @binding(4) var<storage, read_write> labels: array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let position = workgroup.x * 64 + lane;
  if (workgroup.y > 0 || position >= list[3]) { return; }
  var best = scores[position * params.stretches];
  var label = candidates[position * params.stretches];
  for (var stretch = 1u; stretch < params.stretches; stretch++) {
    let at = position * params.stretches + stretch;
    if (scores[at] > best) {
      best = scores[at];
      label = candidates[at];
    }
  }
  labels[list[4 + position]] = label;
}
