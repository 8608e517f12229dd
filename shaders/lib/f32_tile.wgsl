// What a workgroup of 256 invocations needs for a 128 x 256 tile of f32 dot products; f32_product.wgsl computes it.
// Rows are carried over four at a time and turned, so that an invocation reads its rows and columns as vec4f.

// Two stages of 8 dimensions: [stage][dimension][four rows], padded against bank conflicts.
var<workgroup> left_tile: array<vec4f, 528>;
var<workgroup> right_tile: array<vec4f, 1040>;

struct TilePlace {
  // Its rows are 4 row_quad .. + 3 and 64 more; its columns 4 column_quad .. + 3 and 64, 128, 192 more.
  row_quad: u32,
  column_quad: u32,
  // Invocations 0 to 63 carry left rows, 64 to 191 right ones: four rows from carried_row, every other quad of dimensions.
  carried_row: u32,
  carried_quad: u32,
}

// A subgroup of 32 covers 4 x 8 invocations, which share what they read.
fn tile_place(lane: u32) -> TilePlace {
  let within = lane % 32;
  let group = lane / 32;
  let carrier = select(lane - 64, lane, lane < 64);
  return TilePlace(within / 8 + group / 2 * 4, within % 8 + group % 2 * 8, carrier / 2 * 4, carrier % 2);
}

fn keep_left(at: u32, a: vec4f, b: vec4f, c: vec4f, d: vec4f) {
  left_tile[at] = vec4f(a.x, b.x, c.x, d.x);
  left_tile[at + 33] = vec4f(a.y, b.y, c.y, d.y);
  left_tile[at + 66] = vec4f(a.z, b.z, c.z, d.z);
  left_tile[at + 99] = vec4f(a.w, b.w, c.w, d.w);
}

fn keep_right(at: u32, a: vec4f, b: vec4f, c: vec4f, d: vec4f) {
  right_tile[at] = vec4f(a.x, b.x, c.x, d.x);
  right_tile[at + 65] = vec4f(a.y, b.y, c.y, d.y);
  right_tile[at + 130] = vec4f(a.z, b.z, c.z, d.z);
  right_tile[at + 195] = vec4f(a.w, b.w, c.w, d.w);
}
