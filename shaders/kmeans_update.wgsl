// Moves each centroid to the mean of its rows: adds the slices of kmeans_sum in order, which hold residuals, so their mean
// is the step to take; yields how far the centroid moved and half its squared norm for kmeans_assign. One workgroup per
// centroid. Spherical: the new centroid is scaled to length 1, unless its length is 0.
// A cluster without rows keeps its centroid; so with cleared counts this computes the half norms alone.
#import flat_index

override WORKGROUP_SIZE: u32 = 64;

struct Params {
  dim: u32,
  cluster_count: u32,
  slice_count: u32,
  spherical: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read> counts: array<u32>;
@group(0) @binding(3) var<storage, read_write> centroids: array<f32>;
// One for each centroid; from the next multiple of 256 on the same with a minus as 16 x 16 matrices of equal rows.
@group(0) @binding(4) var<storage, read_write> half_norms: array<f32>;
@group(0) @binding(5) var<storage, read_write> totals: array<u32>;
@group(0) @binding(6) var<storage, read_write> shifts: array<f32>;

var<workgroup> partial: array<vec2f, WORKGROUP_SIZE>;

// The sums of all lanes' values, in every lane.
fn sums_of_lanes(lane: u32, values: vec2f) -> vec2f {
  partial[lane] = values;
  workgroupBarrier();
  for (var width = WORKGROUP_SIZE / 2; width > 0; width /= 2) {
    if (lane < width) { partial[lane] += partial[lane + width]; }
    workgroupBarrier();
  }
  return partial[0];
}

fn mean_at(at: u32, total: u32) -> f32 {
  var sum = 0.0;
  for (var slice = 0u; slice < params.slice_count; slice++) {
    sum += sums[slice * params.cluster_count * params.dim + at];
  }
  return centroids[at] + sum / f32(total);
}

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
  let first = cluster * params.dim;
  var scale = 1.0;
  if (params.spherical == 1) {
    var squares = 0.0;
    for (var i = lane; total > 0 && i < params.dim; i += WORKGROUP_SIZE) {
      let mean = mean_at(first + i, total);
      squares += mean * mean;
    }
    let norm = sqrt(sums_of_lanes(lane, vec2f(squares)).x);
    if (norm > 0) { scale = 1 / norm; }
    // All have read the sum before its place is used again.
    workgroupBarrier();
  }
  // x: squared shift, y: squared norm
  var lengths = vec2f();
  for (var i = lane; i < params.dim; i += WORKGROUP_SIZE) {
    let old = centroids[first + i];
    var moved = old;
    if (total > 0) {
      moved = mean_at(first + i, total) * scale;
      centroids[first + i] = moved;
    }
    lengths += vec2f((moved - old) * (moved - old), moved * moved);
  }
  lengths = sums_of_lanes(lane, lengths);
  if (lane < 16) {
    let matrices_at = (params.cluster_count + 255) / 256 * 256;
    half_norms[matrices_at + cluster / 16 * 256 + lane * 16 + cluster % 16] = -lengths.y / 2;
  }
  if (lane == 0) {
    shifts[cluster] = lengths.x;
    half_norms[cluster] = lengths.y / 2;
    totals[cluster] = total;
  }
}
