// Rounds rows to f16 in the order that the f16 kernels read, and says how much that changed each row. Blocks of 16
// dimensions of 64 rows lie together, [row / 64][dimension / 16][row % 64][16], so that a 16 x 16 tile is one stretch of
// 512 bytes. Rows are filled up with zeros to a multiple of 128, dimensions to padded_dim, a multiple of 64.
// A value too small for a normal f16 becomes 0, as hardware may do so anyway; the errors count it.
// errors[row] = (length of row - rounded row, length of rounded row), both rounded up. One workgroup per row.
#import flat_index

struct Params {
  row_count: u32,
  dim: u32,
  padded_rows: u32,
  padded_dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read_write> halves: array<u32>;
@group(0) @binding(3) var<storage, read_write> errors: array<vec2f>;

const smallest_normal = 6.103515625e-5;

// x: squared error, y: squared length
var<workgroup> partial: array<vec2f, 64>;

fn value(row: u32, i: u32) -> f32 {
  if (row >= params.row_count || i >= params.dim) { return 0.0; }
  return rows[row * params.dim + i];
}

fn half_bits(exact: f32) -> u32 {
  if (abs(exact) < smallest_normal) { return 0; }
  return pack2x16float(vec2f(exact, 0));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = flat_index(workgroup, workgroups);
  if (row >= params.padded_rows) { return; }
  var squares = vec2f();
  for (var i = lane * 2; i < params.padded_dim; i += 128u) {
    // One by one: Mesa 25 compiles the second of a pair that is packed and unpacked as if nothing was rounded.
    let exact = vec2f(value(row, i), value(row, i + 1));
    let low = half_bits(exact.x);
    let high = half_bits(exact.y);
    let rounded = vec2f(unpack2x16float(low).x, unpack2x16float(high).x);
    halves[((row / 64 * (params.padded_dim / 16) + i / 16) * 64 + row % 64) * 8 + i % 16 / 2] = low | (high << 16u);
    squares += vec2f(dot(exact - rounded, exact - rounded), dot(rounded, rounded));
  }
  partial[lane] = squares;
  workgroupBarrier();
  for (var width = 32u; width > 0; width /= 2) {
    if (lane < width) { partial[lane] += partial[lane + width]; }
    workgroupBarrier();
  }
  if (lane == 0) { errors[row] = sqrt(partial[0]) * 1.0001; }
}
