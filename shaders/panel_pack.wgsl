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

// Where the row at a position begins.
fn start_of(position: u32) -> u32 {
  if (params.listed == 1) { return list[4 + position] * params.dim; }
  return position * params.dim;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // A workgroup packs 16 rows of a panel, or all 64; lanes run along 4 quads, which fill a cache line, then the dimensions.
  let index = flat_index(workgroup, workgroups);
  let pieces = select(1u, 4u, params.listed == 1);
  for (var piece = index * pieces; piece < (index + 1) * pieces; piece++) {
    let panel = piece / 4;
    if (panel * 64 >= row_count()) { return; }
    let quad = piece % 4 * 4 + lane % 4;
    let first = panel * 64 + quad * 4;
    let last = row_count() - 1;
    let starts = vec4u(start_of(min(first, last)), start_of(min(first + 1, last)), start_of(min(first + 2, last)), start_of(min(first + 3, last)));
    let filled = first + vec4u(0, 1, 2, 3) <= vec4u(last);
    for (var i = lane / 4; i < params.dim; i += 16u) {
      let values = vec4f(rows[starts.x + i], rows[starts.y + i], rows[starts.z + i], rows[starts.w + i]);
      panels[(panel * params.dim + i) * 16 + quad] = select(vec4f(), values, filled);
    }
  }
}
