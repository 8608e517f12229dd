// The transposed rows times their sketches, dim x 64: one step of subspace iteration (Bauer, 1957), which turns a basis
// towards the directions in which the rows are longest. One invocation adds up 16 of the 64 columns for one dimension.
#import flat_index
#import sketch_record

struct Params {
  row_count: u32,
  dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> sketches: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> moments: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // Neighbouring invocations share the sketches and read neighbouring values of a row.
  let index = flat_index(workgroup, workgroups);
  let i = index / 4 * 64 + lane;
  let quarter = index % 4;
  if (i >= params.dim) { return; }
  var a = vec4f();
  var b = vec4f();
  var c = vec4f();
  var d = vec4f();
  for (var row = 0u; row < params.row_count; row++) {
    let value = rows[row * params.dim + i];
    let at = row * record_quads + quarter * 4;
    a += value * sketches[at];
    b += value * sketches[at + 1];
    c += value * sketches[at + 2];
    d += value * sketches[at + 3];
  }
  let at = i * 16 + quarter * 4;
  moments[at] = a;
  moments[at + 1] = b;
  moments[at + 2] = c;
  moments[at + 3] = d;
}
