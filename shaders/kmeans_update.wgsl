// Moves each centroid to the mean of its rows: adds the slices of kmeans_sum in order, which hold residuals, so their mean
// is the step to take; yields how far the centroid moved and half its squared norm for kmeans_assign. One workgroup per
// centroid. Spherical: the new centroid is scaled to length 1, unless its length is 0.
// A cluster without rows keeps its centroid; so with cleared counts this computes the half norms alone.
// CARRIES: sums, counts and squares are then made those of the next round. Either they go on, so that only rows that come or
// go have to be added: of a centroid that moves by d, n residuals of the sum R and the squares E become R - n d and
// E - 2 d.R + n d.d. Or they begin anew, cleared, where many rows came or went, where as many did since they began as there
// are, so that rounding stays that of one sum, or where so little is left of the squares that rounding would show.
#import flat_index

override WORKGROUP_SIZE: u32 = 64;

struct Params {
  dim: u32,
  cluster_count: u32,
  slice_count: u32,
  spherical: u32,
  carries: u32,
  // 0, which the compiler cannot know.
  zero: u32,
}

struct Changes {
  // 0 where the sums begin anew; else 1 and the rows that came or went since they began.
  since: u32,
  // Rows that came or went in this round.
  now: u32,
  // The most that the squares came to since the sums began.
  peak: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>;
@group(0) @binding(3) var<storage, read_write> squares: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> changes: array<Changes>;
@group(0) @binding(5) var<storage, read_write> centroids: array<f32>;
// One for each centroid; from the next multiple of 256 on the same with a minus as 16 x 16 matrices of equal rows.
@group(0) @binding(6) var<storage, read_write> half_norms: array<f32>;
@group(0) @binding(7) var<storage, read_write> totals: array<u32>;
@group(0) @binding(8) var<storage, read_write> shifts: array<f32>;

// Sums go on while this many times the rows that came or went are no more than the rows, and
const most_churn = 4u;
// while this many times the squares are as much as they ever were.
const most_fall = 64.0;

var<workgroup> partial: array<vec4f, WORKGROUP_SIZE>;

// The sums of all lanes' values, in every lane.
fn sums_of_lanes(lane: u32, values: vec4f) -> vec4f {
  partial[lane] = values;
  workgroupBarrier();
  for (var width = WORKGROUP_SIZE / 2; width > 0; width /= 2) {
    if (lane < width) { partial[lane] += partial[lane + width]; }
    workgroupBarrier();
  }
  return partial[0];
}

fn sum_at(at: u32) -> f32 {
  var sum = 0.0;
  for (var slice = 0u; slice < params.slice_count; slice++) {
    sum += sums[slice * params.cluster_count * params.dim + at];
  }
  return sum;
}

// The value itself, as in kmeans_sum: behind it compilers leave Kahan's sum alone.
fn as_rounded(value: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(value) ^ params.zero);
}

// x: a sum, y: what rounding took from it
fn add(running: vec2f, value: f32) -> vec2f {
  let term = value + running.y;
  let sum = as_rounded(running.x + term);
  return vec2f(sum, term - (sum - running.x));
}

// The squares of a part of the cluster, of all slices.
fn squares_at(at: u32, slice_parts: u32) -> vec2f {
  var running = vec2f();
  for (var slice = 0u; slice < params.slice_count; slice++) {
    let value = squares[slice * slice_parts + at];
    running = add(add(running, value.x), value.y);
  }
  return running;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let cluster = flat_index(workgroup, workgroups);
  let k = params.cluster_count;
  if (cluster >= k) { return; }
  var total = 0u;
  for (var slice = 0u; slice < params.slice_count; slice++) { total += counts[slice * k + cluster]; }
  let first = cluster * params.dim;
  var scale = 1.0;
  if (params.spherical == 1) {
    var lengths = 0.0;
    for (var i = lane; total > 0 && i < params.dim; i += WORKGROUP_SIZE) {
      let mean = centroids[first + i] + sum_at(first + i) / f32(total);
      lengths += mean * mean;
    }
    let norm = sqrt(sums_of_lanes(lane, vec4f(lengths)).x);
    if (norm > 0) { scale = 1 / norm; }
    // All have read the sum before its place is used again.
    workgroupBarrier();
  }
  let parts = (params.dim + 3) / 4;
  // x: squared shift, y: squared norm, z: squares to the old centroid, w: to the new one
  var lengths = vec4f();
  for (var part = lane; part < parts; part += WORKGROUP_SIZE) {
    var change = 0.0;
    for (var i = first + part * 4; i < first + min(part * 4 + 4, params.dim); i++) {
      let old = centroids[i];
      var moved = old;
      if (total > 0) {
        let sum = sum_at(i);
        moved = (old + sum / f32(total)) * scale;
        centroids[i] = moved;
        let rest = fma(-f32(total), moved - old, sum);
        if (params.carries == 1) { sums[i] = rest; }
        // n d.d - 2 d.R, as R - n d is at hand.
        change -= (moved - old) * (rest + sum);
      }
      lengths += vec4f((moved - old) * (moved - old), moved * moved, 0, 0);
    }
    if (params.carries == 1 && total > 0) {
      let before = squares_at(cluster * parts + part, k * parts);
      var after = add(before, change);
      if (after.x < 0) { after = vec2f(); }
      squares[cluster * parts + part] = after;
      lengths += vec4f(0, 0, before.x, after.x);
    }
  }
  lengths = sums_of_lanes(lane, lengths);
  if (lane < 16) {
    let matrices_at = (k + 255) / 256 * 256;
    half_norms[matrices_at + cluster / 16 * 256 + lane * 16 + cluster % 16] = -lengths.y / 2;
  }
  if (lane == 0) {
    shifts[cluster] = lengths.x;
    half_norms[cluster] = lengths.y / 2;
    totals[cluster] = total;
  }
  if (params.carries == 0) { return; }
  let was = changes[cluster];
  let since = max(was.since, 1u) + was.now;
  var peak = lengths.z;
  if (was.since > 0) { peak = max(peak, was.peak); }
  let goes_on = total > 0 && was.now <= total / most_churn && since - 1 <= total && lengths.w * most_fall >= peak;
  // All have read what lane 0 writes.
  workgroupBarrier();
  if (lane == 0) {
    changes[cluster] = Changes(select(0u, since, goes_on), 0, peak);
    for (var slice = 0u; slice < params.slice_count; slice++) { counts[slice * k + cluster] = 0; }
    if (goes_on) { counts[cluster] = total; }
  }
  // The first slice has what goes on, and the others nothing.
  for (var slice = select(0u, 1u, goes_on); slice < params.slice_count; slice++) {
    for (var part = lane; part < parts; part += WORKGROUP_SIZE) {
      squares[(slice * k + cluster) * parts + part] = vec2f();
      let at = slice * k * params.dim + first;
      for (var i = at + part * 4; i < at + min(part * 4 + 4, params.dim); i++) { sums[i] = 0; }
    }
  }
}
