// Adds rows to the sum of their cluster. WGSL has no float atomics, and their order would change the last bits: here each
// lane owns one dimension of one slice of the sums and walks the slice's rows in order, so the same rows give the same
// bits however they are cut into chunks. A slice takes every slice_count-th block of 256 rows, counted from first_row.
// Lane 0 of the first dimension block also counts. With dim = 0 rows are counted and nothing is summed.

struct Params {
  row_count: u32,
  dim: u32,
  cluster_count: u32,
  slice_count: u32,
  first_row: u32,
  weighted: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<u32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> counts: array<u32>;

const block_rows = 256u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(workgroup_id) workgroup: vec3u) {
  let i = invocation.x;
  let slice = workgroup.y;
  if (i >= max(params.dim, 1u)) { return; }
  let last_row = params.first_row + params.row_count;
  for (var block = params.first_row / block_rows; block * block_rows < last_row; block++) {
    if (block % params.slice_count != slice) { continue; }
    let end = min((block + 1) * block_rows, last_row) - params.first_row;
    for (var row = max(block * block_rows, params.first_row) - params.first_row; row < end; row++) {
      let cluster = slice * params.cluster_count + labels[row];
      var weight = 1u;
      if (params.weighted == 1) { weight = weights[row]; }
      if (i == 0) { counts[cluster] += weight; }
      if (i < params.dim) { sums[cluster * params.dim + i] += f32(weight) * rows[row * params.dim + i]; }
    }
  }
}
