// The nearest centroid of each row and its squared distance, without ever storing distances to the others.
// argmin |x - c|^2 = argmax (x.c - |c|^2 / 2): each lane keeps the best of 8 rows over its share of the centroids, lanes
// are combined at the end, and the winner's distance is summed anew from differences, which do not cancel.
// Ties go to the lowest index. With resume = 1 a centroid must beat the distance already there, so that any number of
// centroids can be worked block by block. With LISTED = 1 only the rows of `list` are worked (layout: kmeans_screen.wgsl).
// `left` holds the rows and `right` the centroids, as panels, or as they lie (HELD: held_assign.wgsl; TILE: for GPUs with
// subgroups of 32, where 128 rows and 256 centroids meet in workgroup memory). TILE works listed rows by stretches of 256 centroids, grid.y of them,
// and yields [position in the list][stretch] in `labels` and, as scores, in `distances`: kmeans_pick takes the best.
#ifdef LANES8
enable subgroups;
diagnostic(off, subgroup_uniformity);
#endif
#import flat_index

override LISTED: u32 = 0;

struct Params {
  row_count: u32,
  dim: u32,
  centroid_count: u32,
  first_label: u32,
  resume: u32,
  wants_distances: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> right: array<vec4f>;
// Past the last centroid, to a multiple of 256, out of reach.
@group(0) @binding(3) var<storage, read> half_norms: array<f32>;
@group(0) @binding(4) var<storage, read> list: array<u32>;
@group(0) @binding(5) var<storage, read_write> labels: array<u32>;
@group(0) @binding(6) var<storage, read_write> distances: array<f32>;

const lowest = -3.4e38;

fn row_count() -> u32 {
  if (LISTED == 1) { return list[3]; }
  return params.row_count;
}

// The row that is worked at a position.
fn row_at(position: u32) -> u32 {
  if (LISTED == 1) { return list[4 + position]; }
  return position;
}

fn settle(position: u32, label: u32) {
  let row = row_at(position);
  if (params.wants_distances == 0) {
    labels[row] = params.first_label + label;
    return;
  }
  let distance = squared_distance(position, label);
  if (params.resume == 0 || distance < distances[row]) {
    labels[row] = params.first_label + label;
    distances[row] = distance;
  }
}

#ifdef TILE
#import f32_tile

struct Best {
  score: f32,
  label: u32,
}

fn take(best: ptr<function, Best>, scores: vec4f, first: u32) {
  for (var c = 0u; c < 4; c++) {
    if (scores[c] > (*best).score) {
      (*best).score = scores[c];
      (*best).label = first + c;
    }
  }
}

fn start_of(position: u32) -> u32 {
  return row_at(min(position, row_count() - 1)) * (params.dim / 4);
}

fn centroid_start(centroid: u32) -> u32 {
  return min(centroid, params.centroid_count - 1) * (params.dim / 4);
}

fn half_norms_from(first: u32) -> vec4f {
  return vec4f(half_norms[first], half_norms[first + 1], half_norms[first + 2], half_norms[first + 3]);
}

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  var first_position = flat_index(workgroup, workgroups) * 128;
  var from_column = 0u;
  var to_column = params.centroid_count;
  if (LISTED == 1) {
    first_position = workgroup.x * 128;
    from_column = workgroup.y * 256;
    to_column = min(from_column + 256, params.centroid_count);
  }
  if (first_position >= row_count()) { return; }
  let place = tile_place(lane);
  let quads = params.dim / 4;
  var best_0 = Best(lowest, 0);
  var best_1 = Best(lowest, 0);
  var best_2 = Best(lowest, 0);
  var best_3 = Best(lowest, 0);
  var best_4 = Best(lowest, 0);
  var best_5 = Best(lowest, 0);
  var best_6 = Best(lowest, 0);
  var best_7 = Best(lowest, 0);
  for (var first_column = from_column; first_column < to_column; first_column += 256) {
    var at_0 = start_of(first_position + place.carried_row);
    var at_1 = start_of(first_position + place.carried_row + 1);
    var at_2 = start_of(first_position + place.carried_row + 2);
    var at_3 = start_of(first_position + place.carried_row + 3);
    if (lane >= 64) {
      at_0 = centroid_start(first_column + place.carried_row);
      at_1 = centroid_start(first_column + place.carried_row + 1);
      at_2 = centroid_start(first_column + place.carried_row + 2);
      at_3 = centroid_start(first_column + place.carried_row + 3);
    }
#import inline/f32_product
    let column = first_column + place.column_quad * 4;
    let norms_0 = half_norms_from(column);
    take(&best_0, sums_00 - norms_0, column);
    take(&best_1, sums_10 - norms_0, column);
    take(&best_2, sums_20 - norms_0, column);
    take(&best_3, sums_30 - norms_0, column);
    take(&best_4, sums_40 - norms_0, column);
    take(&best_5, sums_50 - norms_0, column);
    take(&best_6, sums_60 - norms_0, column);
    take(&best_7, sums_70 - norms_0, column);
    let norms_1 = half_norms_from(column + 64);
    take(&best_0, sums_01 - norms_1, column + 64);
    take(&best_1, sums_11 - norms_1, column + 64);
    take(&best_2, sums_21 - norms_1, column + 64);
    take(&best_3, sums_31 - norms_1, column + 64);
    take(&best_4, sums_41 - norms_1, column + 64);
    take(&best_5, sums_51 - norms_1, column + 64);
    take(&best_6, sums_61 - norms_1, column + 64);
    take(&best_7, sums_71 - norms_1, column + 64);
    let norms_2 = half_norms_from(column + 128);
    take(&best_0, sums_02 - norms_2, column + 128);
    take(&best_1, sums_12 - norms_2, column + 128);
    take(&best_2, sums_22 - norms_2, column + 128);
    take(&best_3, sums_32 - norms_2, column + 128);
    take(&best_4, sums_42 - norms_2, column + 128);
    take(&best_5, sums_52 - norms_2, column + 128);
    take(&best_6, sums_62 - norms_2, column + 128);
    take(&best_7, sums_72 - norms_2, column + 128);
    let norms_3 = half_norms_from(column + 192);
    take(&best_0, sums_03 - norms_3, column + 192);
    take(&best_1, sums_13 - norms_3, column + 192);
    take(&best_2, sums_23 - norms_3, column + 192);
    take(&best_3, sums_33 - norms_3, column + 192);
    take(&best_4, sums_43 - norms_3, column + 192);
    take(&best_5, sums_53 - norms_3, column + 192);
    take(&best_6, sums_63 - norms_3, column + 192);
    take(&best_7, sums_73 - norms_3, column + 192);
  }
  // The tiles' memory is free: [row][16 columns of invocations], scores in one and labels in the other.
  keep(0, place, best_0);
  keep(1, place, best_1);
  keep(2, place, best_2);
  keep(3, place, best_3);
  keep(64, place, best_4);
  keep(65, place, best_5);
  keep(66, place, best_6);
  keep(67, place, best_7);
  workgroupBarrier();
  let position = first_position + lane;
  if (lane >= 128 || position >= row_count()) { return; }
  var best = kept(lane * 16);
  for (var c = 1u; c < 16; c++) {
    let other = kept(lane * 16 + c);
    if (other.score > best.score || (other.score == best.score && other.label < best.label)) { best = other; }
  }
  if (LISTED == 1) {
    let at = position * workgroups.y + workgroup.y;
    labels[at] = best.label;
    distances[at] = best.score;
  } else {
    settle(position, best.label);
  }
}

fn keep(row: u32, place: TilePlace, best: Best) {
  let at = (place.row_quad * 4 + row) * 16 + place.column_quad;
  left_tile[at / 4][at % 4] = best.score;
  right_tile[at / 4][at % 4] = bitcast<f32>(best.label);
}

fn kept(at: u32) -> Best {
  return Best(left_tile[at / 4][at % 4], bitcast<u32>(right_tile[at / 4][at % 4]));
}

fn squared_distance(position: u32, label: u32) -> f32 {
  let row = row_at(position) * (params.dim / 4);
  let centroid = label * (params.dim / 4);
  var squares = vec4f();
  for (var i = 0u; i < params.dim / 4; i++) {
    let difference = left[row + i] - right[centroid + i];
    squares += difference * difference;
  }
  return squares.x + squares.y + squares.z + squares.w;
}
#else
#ifdef HELD
#import held_assign
#else
#import dot_tile
#import first_largest

// [column lane][row of the panel]
var<workgroup> lane_scores: array<f32, 512>;
var<workgroup> lane_labels: array<u32, 512>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let panel = flat_index(workgroup, workgroups);
  if (panel * 64 >= row_count()) { return; }
  let row_lane = lane % 8;
  let column_lane = lane / 8;
  var scores: array<f32, 8>;
  var winners: array<u32, 8>;
  for (var r = 0u; r < 8; r++) { scores[r] = lowest; }
  for (var first = column_lane * 8; first < params.centroid_count; first += 64u) {
    let dots = dot_tile(panel * params.dim * 16 + row_lane * 2, first / 64 * params.dim * 16 + column_lane * 2, params.dim, row_lane);
    let low_norms = vec4f(half_norms[first], half_norms[first + 1], half_norms[first + 2], half_norms[first + 3]);
    let high_norms = vec4f(half_norms[first + 4], half_norms[first + 5], half_norms[first + 6], half_norms[first + 7]);
    for (var r = 0u; r < 8; r++) {
      let low = dots[2 * r] - low_norms;
      let high = dots[2 * r + 1] - high_norms;
      let score = largest_of(low, high);
      if (score > scores[r]) {
        scores[r] = score;
        winners[r] = first + first_largest(low, high, score);
      }
    }
  }
  for (var r = 0u; r < 8; r++) {
    lane_scores[column_lane * 64 + row_lane * 8 + r] = scores[r];
    lane_labels[column_lane * 64 + row_lane * 8 + r] = winners[r];
  }
  workgroupBarrier();
  let position = panel * 64 + lane;
  if (position >= row_count()) { return; }
  var best = lowest;
  var label = 0u;
  for (var c = 0u; c < 8; c++) {
    let score = lane_scores[c * 64 + lane];
    let candidate = lane_labels[c * 64 + lane];
    if (score > best || (score == best && candidate < label)) {
      best = score;
      label = candidate;
    }
  }
  settle(position, label);
}

fn squared_distance(position: u32, label: u32) -> f32 {
  var distance = 0.0;
  for (var i = 0u; i < params.dim; i++) {
    let difference = left[(position / 64 * params.dim + i) * 16 + position % 64 / 4][position % 4]
      - right[(label / 64 * params.dim + i) * 16 + label % 64 / 4][label % 4];
    distance += difference * difference;
  }
  return distance;
}
#endif
#endif
