// Sums of values, squared distances, over blocks of 1024: one partial sum per workgroup, added up by a fixed tree. The host
// adds the few partial sums in float64, so the cost does not depend on how rows are cut into chunks of whole blocks.
#import flat_index

struct Params {
  count: u32,
  first_partial: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;

var<workgroup> partial: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = flat_index(workgroup, workgroups);
  if (block * 1024 >= params.count) { return; }
  var sum = 0.0;
  for (var i = block * 1024 + lane; i < min((block + 1) * 1024, params.count); i += 64u) { sum += values[i]; }
  partial[lane] = sum;
  workgroupBarrier();
  for (var width = 32u; width > 0; width /= 2) {
    if (lane < width) { partial[lane] += partial[lane + width]; }
    workgroupBarrier();
  }
  if (lane == 0) { partials[params.first_partial + block] = partial[0]; }
}
