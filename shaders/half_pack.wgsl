// Rounds rows to f16 in the order that the f16 kernels read, and says how much that changed each row. Blocks of 16
// dimensions of 64 rows lie together, [row / 64][dimension / 16][row % 64][16], so that a 16 x 16 tile is one stretch of
// 512 bytes. Rows are filled up with zeros to a multiple of 128, dimensions to padded_dim, a multiple of 64.
// A value too small for a normal f16 becomes 0, as hardware may do so anyway; the errors count it.
// errors[row] = (length of row - rounded row, length of rounded row), both rounded up.
// A workgroup takes four rows. WIDE, which needs a dimension that is a multiple of 4, reads whole vec4f.
#import flat_index

struct Params {
  row_count: u32,
  dim: u32,
  padded_rows: u32,
  padded_dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
#ifdef WIDE
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> halves: array<vec2u>;
#else
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read_write> halves: array<u32>;
#endif
@group(0) @binding(3) var<storage, read_write> errors: array<vec2f>;

const smallest_normal = 6.103515625e-5;
const lanes_of_row = 16u;

// x: squared error, y: squared length
var<workgroup> partial: array<vec2f, 64>;

fn half_bits(exact: f32) -> u32 {
  if (abs(exact) < smallest_normal) { return 0; }
  return pack2x16float(vec2f(exact, 0));
}

// Two halves in one word, and squared error and length of what they stand for.
struct Packed { word: u32, squares: vec2f }

fn pack(exact: vec2f) -> Packed {
  // One by one: Mesa 25 compiles the second of a pair that is packed and unpacked as if nothing was rounded.
  let low = half_bits(exact.x);
  let high = half_bits(exact.y);
  let rounded = vec2f(unpack2x16float(low).x, unpack2x16float(high).x);
  let squares = vec2f(dot(exact - rounded, exact - rounded), dot(rounded, rounded));
  return Packed(low | (high << 16u), squares);
}

// Where the block of 16 dimensions that holds dimension i of a row begins, in values.
fn block_of(row: u32, i: u32) -> u32 {
  return ((row / 64 * (params.padded_dim / 16) + i / 16) * 64 + row % 64) * 16;
}

#ifdef WIDE
// Rounds a lane's share of a row.
fn pack_row(row: u32, lane: u32) -> vec2f {
  var squares = vec2f();
  for (var i = lane * 4; i < params.padded_dim; i += lanes_of_row * 4) {
    var exact = vec4f();
    if (row < params.row_count && i < params.dim) { exact = rows[(row * params.dim + i) / 4]; }
    let first = pack(exact.xy);
    let second = pack(exact.zw);
    halves[(block_of(row, i) + i % 16) / 4] = vec2u(first.word, second.word);
    squares += first.squares + second.squares;
  }
  return squares;
}
#else
fn value(row: u32, i: u32) -> f32 {
  if (row >= params.row_count || i >= params.dim) { return 0.0; }
  return rows[row * params.dim + i];
}

// Rounds a lane's share of a row.
fn pack_row(row: u32, lane: u32) -> vec2f {
  var squares = vec2f();
  for (var i = lane * 2; i < params.padded_dim; i += lanes_of_row * 2) {
    let packed = pack(vec2f(value(row, i), value(row, i + 1)));
    halves[(block_of(row, i) + i % 16) / 2] = packed.word;
    squares += packed.squares;
  }
  return squares;
}
#endif

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first_row = flat_index(workgroup, workgroups) * (64 / lanes_of_row);
  // Rows are filled up to a multiple of 128, so a workgroup has all of its rows or none.
  if (first_row >= params.padded_rows) { return; }
  let row = first_row + lane / lanes_of_row;
  let lane_of_row = lane % lanes_of_row;
  partial[lane] = pack_row(row, lane_of_row);
  workgroupBarrier();
  for (var width = lanes_of_row / 2; width > 0; width /= 2) {
    if (lane_of_row < width) { partial[lane] += partial[lane + width]; }
    workgroupBarrier();
  }
  if (lane_of_row == 0) { errors[row] = sqrt(partial[lane]) * 1.0001; }
}
