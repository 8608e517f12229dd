// Second step of sorting rows by label: replaces the counts of `table` ([tile][cluster]) by the rows of the cluster in all
// earlier tiles, and appends one row with the rows of each cluster in all. One lane per cluster walks the tiles; eight
// loads are under way at once, since the walk waits for memory and nothing else.

struct Params {
  cluster_count: u32,
  tile_count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> table: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3u) {
  let cluster = invocation.x;
  let k = params.cluster_count;
  if (cluster >= k) { return; }
  var before = 0u;
  var tile = 0u;
  var at = cluster;
  for (; tile + 8 <= params.tile_count; tile += 8) {
    let c0 = table[at];
    let c1 = table[at + k];
    let c2 = table[at + 2 * k];
    let c3 = table[at + 3 * k];
    let c4 = table[at + 4 * k];
    let c5 = table[at + 5 * k];
    let c6 = table[at + 6 * k];
    let c7 = table[at + 7 * k];
    table[at] = before;
    before += c0;
    table[at + k] = before;
    before += c1;
    table[at + 2 * k] = before;
    before += c2;
    table[at + 3 * k] = before;
    before += c3;
    table[at + 4 * k] = before;
    before += c4;
    table[at + 5 * k] = before;
    before += c5;
    table[at + 6 * k] = before;
    before += c6;
    table[at + 7 * k] = before;
    before += c7;
    at += 8 * k;
  }
  for (; tile < params.tile_count; tile++) {
    let count = table[at];
    table[at] = before;
    before += count;
    at += k;
  }
  table[at] = before;
}
