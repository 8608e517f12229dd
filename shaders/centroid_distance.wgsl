// The two distances of a row to its centroid that the reference writes: Euclidean to the raw centroid, and cosine, which is
// 1 - x.c / |c| for unit rows. One invocation per row. A centroid of zeros has no direction: the cosine distance is 1.
#import flat_index

struct Params {
  row_count: u32,
  dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> centroids: array<f32>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read_write> l2_distances: array<f32>;
@group(0) @binding(5) var<storage, read_write> cosine_distances: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = flat_index(workgroup, workgroups) * 64 + lane;
  if (row >= params.row_count) { return; }
  var squares = 0.0;
  var product = 0.0;
  var norm = 0.0;
  for (var i = 0u; i < params.dim; i++) {
    let x = rows[row * params.dim + i];
    let c = centroids[labels[row] * params.dim + i];
    squares += (x - c) * (x - c);
    product += x * c;
    norm += c * c;
  }
  l2_distances[row] = sqrt(squares);
  cosine_distances[row] = select(1.0 - product / sqrt(norm), 1.0, norm == 0.0);
}
