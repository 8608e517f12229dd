// Last step of sorting rows by label: writes every coming and going of a row (kmeans_rank) to its place, and renews `previous`.
// The place is where the cluster begins, plus what is in earlier tiles, plus the rank in its own; entries of a cluster stay
// in row order. An entry is the row's index; its highest bit tells that the row goes.
#import flat_index

struct Params {
  row_count: u32,
  cluster_count: u32,
  tile_count: u32,
}

struct Changes {
  since: u32,
  now: u32,
  peak: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> previous: array<u32>;
@group(0) @binding(3) var<storage, read> changes: array<Changes>;
@group(0) @binding(4) var<storage, read> ranks: array<u32>;
@group(0) @binding(5) var<storage, read> table: array<u32>;
@group(0) @binding(6) var<storage, read_write> order: array<u32>;

const tile_rows = 1024u;
const goes = 0x80000000u;

fn place_of(row: u32, cluster: u32, rank: u32) -> u32 {
  let base = table[params.tile_count * params.cluster_count + cluster];
  return base + table[row / tile_rows * params.cluster_count + cluster] + rank;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = flat_index(workgroup, workgroups) * 64 + lane;
  if (row >= params.row_count) { return; }
  let label = labels[row];
  let before = previous[row];
  let moved = before != label + 1;
  if (!moved && changes[label].since != 0) { return; }
  let rank = ranks[row];
  order[place_of(row, label, rank & 0xffff)] = row;
  if (!moved) { return; }
  previous[row] = label + 1;
  if (before == 0) { return; }
  if (changes[before - 1].since != 0) { order[place_of(row, before - 1, rank >> 16)] = row | goes; }
}
