// Mean of the rows of each group: frame embeddings to clip embeddings. Group g holds rows offsets[g] to
// offsets[g + 1] - 1 of a row-major matrix. One invocation per value of the result, so neighbours read neighbours.
// A group without rows has no mean: it becomes zero, which row_normalize then reports.
#import flat_index

override WORKGROUP_SIZE: u32 = 64;

struct Params {
  group_count: u32,
  dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read_write> means: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  let group = index / params.dim;
  if (group >= params.group_count) { return; }
  let column = index % params.dim;
  let end = offsets[group + 1];
  var sum = 0.0;
  for (var row = offsets[group]; row < end; row++) { sum += rows[row * params.dim + column]; }
  means[index] = sum / f32(max(end - offsets[group], 1));
}
