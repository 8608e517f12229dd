// Second step of sorting rows by label: replaces the counts of `table` ([tile][cluster]) by the rows of the cluster in all
// earlier tiles, and appends one row with the rows of each cluster in all. A workgroup works 32 clusters; 8 lanes share
// the tiles of a cluster, add up their stretches, and go over them again from where the stretches before end. Walking is
// waiting for memory, so short stretches and four loads at once are what counts.

struct Params {
  cluster_count: u32,
  tile_count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> table: array<u32>;

const columns = 32u;
const stretches = 8u;
var<workgroup> sums: array<u32, columns * stretches>;

@compute @workgroup_size(columns * stretches)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k = params.cluster_count;
  let cluster = workgroup.x * columns + lane % columns;
  let stretch = lane / columns;
  let length = (params.tile_count + stretches - 1) / stretches;
  let first = min(stretch * length, params.tile_count);
  var end = min(first + length, params.tile_count);
  if (cluster >= k) { end = first; }
  var own = 0u;
  var tile = first;
  for (; tile + 4 <= end; tile += 4) {
    let at = tile * k + cluster;
    own += table[at] + table[at + k] + table[at + 2 * k] + table[at + 3 * k];
  }
  for (; tile < end; tile++) { own += table[tile * k + cluster]; }
  sums[lane] = own;
  workgroupBarrier();
  var before = 0u;
  for (var i = lane % columns; i < lane; i += columns) { before += sums[i]; }
  tile = first;
  for (; tile + 4 <= end; tile += 4) {
    let at = tile * k + cluster;
    let count0 = table[at];
    let count1 = table[at + k];
    let count2 = table[at + 2 * k];
    let count3 = table[at + 3 * k];
    table[at] = before;
    table[at + k] = before + count0;
    table[at + 2 * k] = before + count0 + count1;
    table[at + 3 * k] = before + count0 + count1 + count2;
    before += count0 + count1 + count2 + count3;
  }
  for (; tile < end; tile++) {
    let at = tile * k + cluster;
    let count = table[at];
    table[at] = before;
    before += count;
  }
  if (stretch == stretches - 1 && cluster < k) { table[params.tile_count * k + cluster] = before; }
}
