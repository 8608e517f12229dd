// Moves each centroid to the mean of its rows: adds the slices of kmeans_sum in order, divides, and yields how far the
// centroid moved and half its squared norm for kmeans_assign. One workgroup per centroid.
// A cluster without rows keeps its centroid; so with cleared counts this computes the half norms alone.
#import flat_index

override WORKGROUP_SIZE: u32 = 64;

struct Params {
  dim: u32,
  cluster_count: u32,
  slice_count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read> counts: array<u32>;
@group(0) @binding(3) var<storage, read_write> centroids: array<f32>;
@group(0) @binding(4) var<storage, read_write> half_norms: array<f32>;
@group(0) @binding(5) var<storage, read_write> totals: array<u32>;
@group(0) @binding(6) var<storage, read_write> shifts: array<f32>;

// x: squared shift, y: squared norm
var<workgroup> partial: array<vec2f, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let cluster = flat_index(workgroup, workgroups);
  if (cluster >= params.cluster_count) { return; }
  var total = 0u;
  for (var slice = 0u; slice < params.slice_count; slice++) { total += counts[slice * params.cluster_count + cluster]; }
  var squares = vec2f();
  for (var i = lane; i < params.dim; i += WORKGROUP_SIZE) {
    let at = cluster * params.dim + i;
    let old = centroids[at];
    var mean = old;
    if (total > 0) {
      var sum = 0.0;
      for (var slice = 0u; slice < params.slice_count; slice++) {
        sum += sums[slice * params.cluster_count * params.dim + at];
      }
      mean = sum / f32(total);
      centroids[at] = mean;
    }
    squares += vec2f((mean - old) * (mean - old), mean * mean);
  }
  partial[lane] = squares;
  workgroupBarrier();
  for (var width = WORKGROUP_SIZE / 2; width > 0; width /= 2) {
    if (lane < width) { partial[lane] += partial[lane + width]; }
    workgroupBarrier();
  }
  if (lane == 0) {
    shifts[cluster] = partial[0].x;
    half_norms[cluster] = partial[0].y / 2;
    totals[cluster] = total;
  }
}
