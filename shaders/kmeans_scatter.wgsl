// Last step of sorting rows by label: writes each row's index to its place. The place is where the cluster begins, plus its
// rows in earlier tiles, plus the row's rank in its own; rows of a cluster stay in row order.
#import flat_index

struct Params {
  row_count: u32,
  cluster_count: u32,
  tile_count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> ranks: array<u32>;
@group(0) @binding(3) var<storage, read> table: array<u32>;
@group(0) @binding(4) var<storage, read_write> order: array<u32>;

const tile_rows = 1024u;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = flat_index(workgroup, workgroups) * 64 + lane;
  if (row >= params.row_count) { return; }
  let label = labels[row];
  let base = table[params.tile_count * params.cluster_count + label];
  order[base + table[row / tile_rows * params.cluster_count + label] + ranks[row]] = row;
}
