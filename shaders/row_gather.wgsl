// Copies chosen rows of a matrix to chosen rows of another. One workgroup per copied row, lanes along its dimensions.
// Thousands of single copies would cost more to record than the device takes for them.
#import flat_index

struct Params {
  count: u32,
  dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
// x: row of `rows`, y: row of `gathered`.
@group(0) @binding(2) var<storage, read> places: array<vec2u>;
@group(0) @binding(3) var<storage, read_write> gathered: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup, workgroups);
  if (index >= params.count) { return; }
  let place = places[index] * params.dim;
  for (var i = lane; i < params.dim; i += 64u) { gathered[place.y + i] = rows[place.x + i]; }
}
