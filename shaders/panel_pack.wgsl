// Rearranges rows for the dot product kernels: panels of 64 rows, each panel dim x 64, so that the same dimension of
// neighbouring rows is contiguous. Two vec4f loads then feed 8 rows of a register tile. One invocation packs one
// dimension of 4 rows. Rows past the last one become zeros. With listed = 1 the rows of `list` are packed in its order
// (layout: kmeans_screen.wgsl), a whole panel by each workgroup.
#import flat_index

struct Params {
  row_count: u32,
  dim: u32,
  listed: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> list: array<u32>;
@group(0) @binding(3) var<storage, read_write> panels: array<vec4f>;

fn row_count() -> u32 {
  if (params.listed == 1) { return list[3]; }
  return params.row_count;
}

fn value(position: u32, i: u32) -> f32 {
  if (position >= row_count()) { return 0.0; }
  if (params.listed == 1) { return rows[list[4 + position] * params.dim + i]; }
  return rows[position * params.dim + i];
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // A workgroup packs 4 rows, or the 16 quads of a panel; lanes run along the dimensions.
  let index = flat_index(workgroup, workgroups);
  let quads = select(1u, 16u, params.listed == 1);
  for (var quad = index * quads; quad < (index + 1) * quads; quad++) {
    if (quad / 16 * 64 >= row_count()) { return; }
    let row = quad * 4;
    for (var i = lane; i < params.dim; i += 64u) {
      panels[(quad / 16 * params.dim + i) * 16 + quad % 16] =
        vec4f(value(row, i), value(row + 1, i), value(row + 2, i), value(row + 3, i));
    }
  }
}
