// First step of sorting rows by label: the rank of each row among the rows of its tile (1024 rows) with the same label, and
// how many rows of each tile carry each label (counted into `table`, cleared before: [tile][cluster]). Ranks follow row
// order, so the sort is stable and never depends on which invocation came first.
// plain: one workgroup per tile; every row is compared with all earlier rows of the tile in workgroup memory, 16 compares
// for each vec4u read. SERIAL, for software adapters, where loads cost more than waiting: one lane per tile counts up.
// A row counts as moved when its label differs from `previous` (label + 1; 0 where there was none), which is renewed.
#import flat_index

struct Params {
  row_count: u32,
  cluster_count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> previous: array<u32>;
@group(0) @binding(3) var<storage, read_write> ranks: array<u32>;
#ifdef SERIAL
@group(0) @binding(4) var<storage, read_write> table: array<u32>;
#else
@group(0) @binding(4) var<storage, read_write> table: array<atomic<u32>>;
#endif
@group(0) @binding(5) var<storage, read_write> moved: atomic<u32>;

const tile_rows = 1024u;

// 1 where the row's label is not what it was.
fn note_label(row: u32, label: u32) -> u32 {
  if (previous[row] == label + 1) { return 0u; }
  previous[row] = label + 1;
  return 1u;
}

#ifdef SERIAL
@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = flat_index(workgroup, workgroups) * 8 + lane;
  if (tile * tile_rows >= params.row_count) { return; }
  var changed = 0u;
  for (var row = tile * tile_rows; row < min((tile + 1) * tile_rows, params.row_count); row++) {
    let label = labels[row];
    let at = tile * params.cluster_count + label;
    let rank = table[at];
    table[at] = rank + 1;
    ranks[row] = rank;
    changed += note_label(row, label);
  }
  if (changed > 0) { atomicAdd(&moved, changed); }
}
#else
const no_label = 0xffffffffu;

var<workgroup> tile_labels: array<vec4u, 256>;
var<workgroup> tile_moved: atomic<u32>;

fn label_of(row: u32) -> u32 {
  if (row >= params.row_count) { return no_label; }
  return labels[row];
}

fn equal(labels: vec4u, label: u32) -> vec4u {
  return select(vec4u(), vec4u(1), labels == vec4u(label));
}

fn total(counts: vec4u) -> u32 {
  return counts.x + counts.y + counts.z + counts.w;
}

fn finish(tile: u32, row: u32, label: u32, rank: u32) -> u32 {
  if (row >= params.row_count) { return 0u; }
  ranks[row] = rank;
  // The largest of rank + 1 is the count, whoever writes last.
  atomicMax(&table[tile * params.cluster_count + label], rank + 1);
  return note_label(row, label);
}

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = flat_index(workgroup, workgroups);
  if (tile * tile_rows >= params.row_count) { return; }
  let row = tile * tile_rows + lane * 4;
  let own = vec4u(label_of(row), label_of(row + 1), label_of(row + 2), label_of(row + 3));
  tile_labels[lane] = own;
  workgroupBarrier();
  var same0 = vec4u();
  var same1 = vec4u();
  var same2 = vec4u();
  var same3 = vec4u();
  for (var i = 0u; i < lane; i++) {
    let earlier = tile_labels[i];
    same0 += equal(earlier, own.x);
    same1 += equal(earlier, own.y);
    same2 += equal(earlier, own.z);
    same3 += equal(earlier, own.w);
  }
  same1 += equal(own, own.y) * vec4u(1, 0, 0, 0);
  same2 += equal(own, own.z) * vec4u(1, 1, 0, 0);
  same3 += equal(own, own.w) * vec4u(1, 1, 1, 0);
  let changed = finish(tile, row, own.x, total(same0)) + finish(tile, row + 1, own.y, total(same1))
    + finish(tile, row + 2, own.z, total(same2)) + finish(tile, row + 3, own.w, total(same3));
  if (changed > 0) { atomicAdd(&tile_moved, changed); }
  workgroupBarrier();
  if (lane == 0) {
    let sum = atomicLoad(&tile_moved);
    if (sum > 0) { atomicAdd(&moved, sum); }
  }
}
#endif
