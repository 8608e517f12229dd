// Scales each row of a row_count x dim matrix to length 1, in place. One workgroup per row: every invocation sums the
// squares of its stride, a tree in workgroup memory adds the partial sums.
// LANES8 is for adapters whose subgroups are 8 invocations of a CPU's vector, where a barrier costs more than many loads:
// a workgroup is one subgroup, and nothing waits.
// A row of zeros has no direction: it stays zero and its norm of 0 tells the caller.
#ifdef LANES8
enable subgroups;
diagnostic(off, subgroup_uniformity);
#endif
#import flat_index

struct Params {
  row_count: u32,
  dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> rows: array<f32>;
@group(0) @binding(2) var<storage, read_write> norms: array<f32>;

#ifdef LANES8
@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = flat_index(workgroup, workgroups);
  if (row >= params.row_count) { return; }
  let start = row * params.dim;
  let end = start + params.dim;
  let first = start + lane;
  // Dividing by the largest magnitude first keeps squares of huge or tiny values inside the range of f32.
  var largest = 0.0;
  for (var i = first; i < end; i += 8u) { largest = max(largest, abs(rows[i])); }
  let scale = subgroupMax(largest);
  if (scale == 0.0) {
    if (lane == 0) { norms[row] = 0.0; }
    return;
  }
  var sum = 0.0;
  for (var i = first; i < end; i += 8u) {
    let value = rows[i] / scale;
    sum += value * value;
  }
  let length = sqrt(subgroupAdd(sum));
  for (var i = first; i < end; i += 8u) { rows[i] = rows[i] / scale / length; }
  if (lane == 0) { norms[row] = scale * length; }
}
#else
const lanes = 64u;

var<workgroup> partial: array<f32, lanes>;

@compute @workgroup_size(lanes)
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
  for (var i = lane; i < params.dim; i += lanes) { largest = max(largest, abs(rows[start + i])); }
  partial[lane] = largest;
  workgroupBarrier();
  for (var width = lanes / 2; width > 0; width /= 2) {
    if (lane < width) { partial[lane] = max(partial[lane], partial[lane + width]); }
    workgroupBarrier();
  }
  let scale = workgroupUniformLoad(&partial[0]);
  if (scale == 0.0) {
    if (lane == 0) { norms[row] = 0.0; }
    return;
  }
  var sum = 0.0;
  for (var i = lane; i < params.dim; i += lanes) {
    let value = rows[start + i] / scale;
    sum += value * value;
  }
  partial[lane] = sum;
  workgroupBarrier();
  for (var width = lanes / 2; width > 0; width /= 2) {
    if (lane < width) { partial[lane] += partial[lane + width]; }
    workgroupBarrier();
  }
  let length = sqrt(partial[0]);
  for (var i = lane; i < params.dim; i += lanes) { rows[start + i] = rows[start + i] / scale / length; }
  if (lane == 0) { norms[row] = scale * length; }
}
#endif
