// What a workgroup of 128 invocations, four subgroups of 32, needs for a 128 x 128 tile of dot products of f16 rows
// (half_pack.wgsl) in f16 matrices with f32 sums. Each subgroup has 32 rows and all 128 columns, so left fragments, which come
// straight from storage, are wanted by one subgroup alone; right ones go through workgroup memory, as all want them.
// half_begin.wgsl and half_stage.wgsl compute the tile.
// What counts is that four workgroups find room on a multiprocessor (24 KiB for each on NVIDIA): hence one stage, not two,
// and sums that leave the registers in small pieces. Rows of a stage are 40 halves apart and columns of sums 36 values, so
// that neither loads nor stores of fragments meet in a memory bank.

// A stage of 32 dimensions of 128 right rows, [row][40].
var<workgroup> right_tile: array<f16, 5120>;
// [subgroup][column][row, 36]: 16 columns of each subgroup's sums. Matrices cannot be read, only stored.
var<workgroup> tile_sums: array<f32, 2304>;

// Where an invocation keeps what it carries over: 8 halves of row lane / 2.
fn carried_to(lane: u32) -> u32 { return lane / 2 * 40 + lane % 2 * 8; }

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
