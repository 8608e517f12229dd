// For each "later" row the largest dot product with an "earlier" row of its group, and that row's rank. Rows carry global
// ranks, ascending; later row j is compared with the earlier rows of rank start_j .. rank_j - 1, so one dispatch serves many
// groups, a subset of rows, or a block of a cluster of any size: results accumulate over dispatches.
// Before the first one scores are 0 and indices the row's own rank; the largest score wins, then the lowest index, which
// gives the reference's floor at 0 and its ties. Tiles that hold no pair are skipped. `left` holds the later rows and
// `right` the earlier ones, as panels. Where panels are few, `splits` workgroups share the earlier rows of each; every one
// keeps scores and indices of its own, [split][row], and the host takes the best.
#ifdef LANES8
enable subgroups;
diagnostic(off, subgroup_uniformity);
#endif
#import flat_index
#import dot_tile
#import first_largest

struct Params {
  later_count: u32,
  earlier_count: u32,
  dim: u32,
  splits: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> right: array<vec4f>;
@group(0) @binding(3) var<storage, read> later_ranks: array<u32>;
@group(0) @binding(4) var<storage, read> later_starts: array<u32>;
@group(0) @binding(5) var<storage, read> earlier_ranks: array<u32>;
@group(0) @binding(6) var<storage, read_write> scores: array<f32>;
@group(0) @binding(7) var<storage, read_write> indices: array<u32>;

// [column lane][row of the panel]
var<workgroup> lane_scores: array<f32, 512>;
var<workgroup> lane_indices: array<u32, 512>;

// A row past the last one ranks after everything.
fn earlier_rank(row: u32) -> u32 {
  if (row >= params.earlier_count) { return 0xffffffffu; }
  return earlier_ranks[row];
}

// The first earlier row of at least this rank.
fn first_from(rank: u32) -> u32 {
  var low = 0u;
  var high = params.earlier_count;
  while (low < high) {
    let middle = (low + high) / 2;
    if (earlier_ranks[middle] < rank) { low = middle + 1; } else { high = middle; }
  }
  return low;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup, workgroups);
  let panel = index / params.splits;
  let split = index % params.splits;
  if (panel * 64 >= params.later_count) { return; }
  let row_lane = lane % 8;
  let column_lane = lane / 8;
  let first_row = panel * 64 + row_lane * 8;
  let row_count = min(max(params.later_count, first_row) - first_row, 8u);
  var best: array<f32, 8>;
  var winners: array<u32, 8>;
  // A lane meets ranks in ascending order, so of equal scores it keeps the first. Below 0 none counts.
  for (var r = 0u; r < 8; r++) { best[r] = -1.0; }
#ifdef LANES8
  // A subgroup stays together: it holds a tile while any row of the panel needs it.
  let lowest_rank = later_starts[panel * 64];
  let highest_rank = later_ranks[min(panel * 64 + 64, params.later_count) - 1];
  {
#else
  if (row_count > 0) {
    // Ranks and starts both ascend: the tile's earliest start and its last rank bound what it needs.
    let lowest_rank = later_starts[first_row];
    let highest_rank = later_ranks[first_row + row_count - 1];
#endif
    let begin = first_from(later_starts[panel * 64]) / 64 + split;
    for (var first = begin * 64 + column_lane * 8; first < params.earlier_count; first += params.splits * 64) {
      let columns = min(params.earlier_count - first, 8u);
      if (earlier_ranks[first] >= highest_rank) { break; }
      if (earlier_ranks[first + columns - 1] < lowest_rank) { continue; }
      let dots = dot_tile(panel * params.dim * 16 + row_lane * 2, first / 64 * params.dim * 16 + column_lane * 2, params.dim, row_lane);
      let low_ranks = vec4u(earlier_rank(first), earlier_rank(first + 1), earlier_rank(first + 2), earlier_rank(first + 3));
      let high_ranks = vec4u(earlier_rank(first + 4), earlier_rank(first + 5), earlier_rank(first + 6), earlier_rank(first + 7));
      for (var r = 0u; r < 8; r++) {
        let row = min(first_row + r, params.later_count - 1);
        let start = vec4u(later_starts[row]);
        let rank = vec4u(later_ranks[row]);
        let low_tile = dots[2 * r];
        let high_tile = dots[2 * r + 1];
        let low = select(vec4f(-1), low_tile, (low_ranks >= start) & (low_ranks < rank) & (low_tile >= vec4f()));
        let high = select(vec4f(-1), high_tile, (high_ranks >= start) & (high_ranks < rank) & (high_tile >= vec4f()));
        let score = largest_of(low, high);
        if (score > best[r]) {
          best[r] = score;
          winners[r] = earlier_ranks[first + first_largest(low, high, score)];
        }
      }
    }
  }
  for (var r = 0u; r < 8; r++) {
    lane_scores[column_lane * 64 + row_lane * 8 + r] = best[r];
    lane_indices[column_lane * 64 + row_lane * 8 + r] = winners[r];
  }
  workgroupBarrier();
  let row = panel * 64 + lane;
  if (row >= params.later_count) { return; }
  let at = split * params.later_count + row;
  var score = scores[at];
  var winner = indices[at];
  for (var c = 0u; c < 8; c++) {
    let candidate = lane_scores[c * 64 + lane];
    let rank = lane_indices[c * 64 + lane];
    // Scores never become -0, so their bits order as they do.
    if (candidate > score || (candidate == score && rank < winner)) {
      score = max(candidate, score);
      winner = rank;
    }
  }
  scores[at] = score;
  indices[at] = winner;
}
