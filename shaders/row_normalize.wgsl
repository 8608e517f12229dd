// Scales each row of a row_count x dim matrix to length 1, in place. One workgroup per row: every invocation sums the
// squares of its stride, a tree in workgroup memory adds the partial sums.
// A row of zeros has no direction: it stays zero and its norm of 0 tells the caller.
#import flat_index

override WORKGROUP_SIZE: u32 = 64;

struct Params {
  row_count: u32,
  dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> rows: array<f32>;
@group(0) @binding(2) var<storage, read_write> norms: array<f32>;

var<workgroup> partial: array<f32, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = flat_index(workgroup, workgroups);
  if (row >= params.row_count) { return; }
  let start = row * params.dim;
  // Dividing by the largest magnitude first keeps squares of huge or tiny values inside the range of f32.
  var largest = 0.0;
  for (var i = lane; i < params.dim; i += WORKGROUP_SIZE) { largest = max(largest, abs(rows[start + i])); }
  partial[lane] = largest;
  workgroupBarrier();
  for (var width = WORKGROUP_SIZE / 2; width > 0; width /= 2) {
    if (lane < width) { partial[lane] = max(partial[lane], partial[lane + width]); }
    workgroupBarrier();
  }
  let scale = workgroupUniformLoad(&partial[0]);
  if (scale == 0.0) {
    if (lane == 0) { norms[row] = 0.0; }
    return;
  }
  var sum = 0.0;
  for (var i = lane; i < params.dim; i += WORKGROUP_SIZE) {
    let value = rows[start + i] / scale;
    sum += value * value;
  }
  partial[lane] = sum;
  workgroupBarrier();
  for (var width = WORKGROUP_SIZE / 2; width > 0; width /= 2) {
    if (lane < width) { partial[lane] += partial[lane + width]; }
    workgroupBarrier();
  }
  let length = sqrt(partial[0]);
  for (var i = lane; i < params.dim; i += WORKGROUP_SIZE) { rows[start + i] = rows[start + i] / scale / length; }
  if (lane == 0) { norms[row] = scale * length; }
}
