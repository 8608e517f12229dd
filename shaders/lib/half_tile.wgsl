// What a workgroup of 128 invocations, four subgroups of 32, needs for a 128 x 128 tile of dot products of f16 rows
// (half_pack.wgsl) in f16 matrices with f32 sums. Each subgroup has a quarter, 64 x 64. half_begin.wgsl and half_chunk.wgsl compute it.
// Measured on an H200: what counts is that four workgroups find room on a multiprocessor, 24 KiB for each. So left fragments
// come straight from storage (L1 holds them), and the sums leave the registers in small pieces.

// Two stages of 32 dimensions of 128 right rows, [stage][dimension / 16][row][16].
var<workgroup> right_tile: array<f16, 8192>;
// [subgroup][column][row]: 16 columns of 32 rows of each quarter's sums. Matrices cannot be read, only stored.
var<workgroup> tile_sums: array<f32, 2048>;

// Invocations take 16 bytes each; consecutive stores become one.
fn keep_right(at: u32, bits: vec4u) {
  let a = bitcast<vec2<f16>>(bits.x);
  let b = bitcast<vec2<f16>>(bits.y);
  let c = bitcast<vec2<f16>>(bits.z);
  let d = bitcast<vec2<f16>>(bits.w);
  right_tile[at] = a.x;
  right_tile[at + 1] = a.y;
  right_tile[at + 2] = b.x;
  right_tile[at + 3] = b.y;
  right_tile[at + 4] = c.x;
  right_tile[at + 5] = c.y;
  right_tile[at + 6] = d.x;
  right_tile[at + 7] = d.y;
}
