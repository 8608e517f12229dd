// Settles the rows that kmeans_prune left open: scores its pairs of row and centroid in full and labels each row by the
// largest score, lowest index on ties, the row's own label included. A workgroup works the pairs of 64 rows, 64 at a time.
#import flat_index

struct Params {
  row_count: u32,
  dim: u32,
  block_pairs: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
#ifdef WIDE
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read> centroids: array<vec4f>;
#else
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> centroids: array<f32>;
#endif
@group(0) @binding(3) var<storage, read> half_norms: array<f32>;
@group(0) @binding(4) var<storage, read> scores: array<f32>;
@group(0) @binding(5) var<storage, read> pairs: array<u32>;
@group(0) @binding(6) var<storage, read_write> labels: array<u32>;

#import row_score

const none = 0xffffffffu;

// Of each row: the best score so far and before this turn, as numbers that sort like scores, and the label that has it.
var<workgroup> best: array<atomic<u32>, 64>;
var<workgroup> before: array<u32, 64>;
var<workgroup> winner: array<atomic<u32>, 64>;

// A number that sorts like the score; never 0.
fn order_of(score: f32) -> u32 {
  let bits = bitcast<u32>(select(score, 0.0, score == 0.0));
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = flat_index(workgroup, workgroups);
  if (block * 64 >= params.row_count) { return; }
  let start = block * (params.block_pairs + 1);
  let count = pairs[start];
  if (count == 0) { return; }
  let own_row = min(block * 64 + lane, params.row_count - 1);
  before[lane] = order_of(scores[own_row]);
  atomicStore(&best[lane], before[lane]);
  atomicStore(&winner[lane], labels[own_row]);
  workgroupBarrier();
  for (var first = 0u; first < count; first += 64) {
    var row = 0u;
    var centroid = none;
    var order = 0u;
    if (first + lane < count) {
      let pair = pairs[start + 1 + first + lane];
      row = pair % 64;
      centroid = pair / 64;
      order = order_of(row_score(block * 64 + row, centroid));
      atomicMax(&best[row], order);
    }
    workgroupBarrier();
    let wins = order == atomicLoad(&best[row]);
    // A better score than all before: their label no longer counts among ties.
    if (wins && order > before[row]) { atomicStore(&winner[row], none); }
    workgroupBarrier();
    if (wins) { atomicMin(&winner[row], centroid); }
    before[lane] = atomicLoad(&best[lane]);
    workgroupBarrier();
  }
  if (block * 64 + lane < params.row_count) { labels[own_row] = atomicLoad(&winner[lane]); }
}
