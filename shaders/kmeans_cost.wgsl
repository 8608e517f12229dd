// Sums of squared distances, times the rows' weights, over blocks of 1024 rows: one partial sum per workgroup, added up by
// a fixed tree. The host adds the few partial sums in float64, so the cost does not depend on how rows are cut into chunks
// of whole blocks.
#import flat_index

struct Params {
  row_count: u32,
  first_partial: u32,
  weighted: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> distances: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<u32>;
@group(0) @binding(3) var<storage, read_write> partials: array<f32>;

var<workgroup> partial: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = flat_index(workgroup, workgroups);
  if (block * 1024 >= params.row_count) { return; }
  var sum = 0.0;
  for (var row = block * 1024 + lane; row < min((block + 1) * 1024, params.row_count); row += 64u) {
    if (params.weighted == 1) { sum += f32(weights[row]) * distances[row]; } else { sum += distances[row]; }
  }
  partial[lane] = sum;
  workgroupBarrier();
  for (var width = 32u; width > 0; width /= 2) {
    if (lane < width) { partial[lane] += partial[lane + width]; }
    workgroupBarrier();
  }
  if (lane == 0) { partials[params.first_partial + block] = partial[0]; }
}
