// First step of sorting rows by label: what each row does to the sums of the clusters, ranked. In a cluster whose sums begin
// anew every row comes; in one whose sums go on a row comes where it was not before, and goes where it was. For each tile of
// 1024 rows the rank of every coming and going among those of the same cluster, and how many there are (counted into
// `table`, cleared before: [tile][cluster]). Ranks follow row order, so the sort is stable and never depends on which
// invocation came first.
// plain: one workgroup per tile. The lanes that have anything to rank move together in workgroup memory; each compares
// its 4 rows with those of the lanes before it, 16 compares for a vec4u. SERIAL, for software adapters, where loads cost
// more than waiting: one lane per tile counts up.
// A row counts as moved when its label differs from `previous` (label + 1; 0 where there was none).
#import flat_index

struct Params {
  row_count: u32,
  cluster_count: u32,
}

struct Changes {
  // 0 where the sums of the cluster begin anew.
  since: u32,
  // Rows that came or went, counted here.
  now: atomic<u32>,
  peak: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> previous: array<u32>;
@group(0) @binding(3) var<storage, read_write> changes: array<Changes>;
// The rank with which a row comes, and 2^16 times the one with which it goes.
@group(0) @binding(4) var<storage, read_write> ranks: array<u32>;
#ifdef SERIAL
@group(0) @binding(5) var<storage, read_write> table: array<u32>;
#else
@group(0) @binding(5) var<storage, read_write> table: array<atomic<u32>>;
#endif
@group(0) @binding(6) var<storage, read_write> moved: atomic<u32>;

const tile_rows = 1024u;
const nowhere = 0xffffffffu;

struct Step {
  // The clusters that the row comes to and goes from, where their sums have to know.
  to: u32,
  away: u32,
  moved: u32,
}

fn step_of(row: u32) -> Step {
  if (row >= params.row_count) { return Step(nowhere, nowhere, 0); }
  let label = labels[row];
  let before = previous[row];
  if (before == label + 1) { return Step(select(nowhere, label, changes[label].since == 0), nowhere, 0); }
  atomicAdd(&changes[label].now, 1u);
  if (before == 0) { return Step(label, nowhere, 1); }
  atomicAdd(&changes[before - 1].now, 1u);
  return Step(label, select(before - 1, nowhere, changes[before - 1].since == 0), 1);
}

#ifdef SERIAL
fn next_rank(tile: u32, cluster: u32) -> u32 {
  if (cluster == nowhere) { return 0u; }
  let at = tile * params.cluster_count + cluster;
  let rank = table[at];
  table[at] = rank + 1;
  return rank;
}

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
    let step = step_of(row);
    changed += step.moved;
    if (step.to != nowhere) { ranks[row] = next_rank(tile, step.to) + (next_rank(tile, step.away) << 16); }
  }
  if (changed > 0) { atomicAdd(&moved, changed); }
}
#else
const lanes = 256u;

// Of the lanes that have anything to rank, one after the other.
var<workgroup> tile_to: array<vec4u, lanes>;
var<workgroup> tile_away: array<vec4u, lanes>;
var<workgroup> busy: array<atomic<u32>, lanes / 32>;
var<workgroup> leaving: atomic<u32>;
var<workgroup> tile_moved: atomic<u32>;

fn equal(clusters: vec4u, cluster: u32) -> u32 {
  let same = select(vec4u(), vec4u(1), clusters == vec4u(cluster));
  return same.x + same.y + same.z + same.w;
}

// How many of `clusters` each of `own` equals.
fn matches(clusters: vec4u, own: vec4u) -> vec4u {
  return vec4u(equal(clusters, own.x), equal(clusters, own.y), equal(clusters, own.z), equal(clusters, own.w));
}

// The same of the rows before each row of a lane alone.
fn matches_before(clusters: vec4u, own: vec4u) -> vec4u {
  let y = u32(clusters.x == own.y);
  let z = u32(clusters.x == own.z) + u32(clusters.y == own.z);
  let w = u32(clusters.x == own.w) + u32(clusters.y == own.w) + u32(clusters.z == own.w);
  return vec4u(0, y, z, w);
}

fn note(tile: u32, cluster: u32, rank: u32) {
  // The largest of rank + 1 is the count, whoever writes last.
  if (cluster != nowhere) { atomicMax(&table[tile * params.cluster_count + cluster], rank + 1); }
}

fn finish(tile: u32, row: u32, to: u32, came: u32, away: u32, went: u32) {
  if (to == nowhere) { return; }
  note(tile, to, came);
  note(tile, away, went);
  ranks[row] = came + select(went << 16, 0u, away == nowhere);
}

@compute @workgroup_size(lanes)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = flat_index(workgroup, workgroups);
  if (tile * tile_rows >= params.row_count) { return; }
  let row = tile * tile_rows + lane * 4;
  let step0 = step_of(row);
  let step1 = step_of(row + 1);
  let step2 = step_of(row + 2);
  let step3 = step_of(row + 3);
  let to = vec4u(step0.to, step1.to, step2.to, step3.to);
  let away = vec4u(step0.away, step1.away, step2.away, step3.away);
  // A row that goes also comes.
  let works = any(to != vec4u(nowhere));
  if (works) { atomicOr(&busy[lane / 32], 1u << (lane % 32)); }
  if (any(away != vec4u(nowhere))) { atomicOr(&leaving, 1u); }
  let changed = step0.moved + step1.moved + step2.moved + step3.moved;
  if (changed > 0) { atomicAdd(&tile_moved, changed); }
  workgroupBarrier();
  var place = countOneBits(atomicLoad(&busy[lane / 32]) & ((1u << (lane % 32)) - 1));
  for (var word = 0u; word < lane / 32; word++) { place += countOneBits(atomicLoad(&busy[word])); }
  if (works) {
    tile_to[place] = to;
    tile_away[place] = away;
  }
  workgroupBarrier();
  if (works) {
    var came = matches_before(to, to);
    var went = vec4u();
    for (var i = 0u; i < place; i++) { came += matches(tile_to[i], to); }
    if (atomicLoad(&leaving) == 1) {
      came += matches_before(away, to);
      went = matches_before(to, away) + matches_before(away, away);
      for (var i = 0u; i < place; i++) {
        let earlier = tile_away[i];
        came += matches(earlier, to);
        went += matches(earlier, away) + matches(tile_to[i], away);
      }
    }
    finish(tile, row, to.x, came.x, away.x, went.x);
    finish(tile, row + 1, to.y, came.y, away.y, went.y);
    finish(tile, row + 2, to.z, came.z, away.z, went.z);
    finish(tile, row + 3, to.w, came.w, away.w, went.w);
  }
  if (lane == 0) {
    let sum = atomicLoad(&tile_moved);
    if (sum > 0) { atomicAdd(&moved, sum); }
  }
}
#endif
