// Which pairs of a later and an earlier row can reach a threshold: dot products of 64 x 64 tiles from a flat list, dropped as
// soon as no pair is left. After each chunk of dimensions a pair stays while prefix product + norm x norm >= threshold, with
// the norms of row_rest_norms.wgsl: Cauchy-Schwarz on the rest, rounding included, so no pair that reaches the threshold is
// lost. When few are left they become candidates at once: pair_score.wgsl computes them exactly, which is cheaper than the
// rest of the tile for all. At the last dimension all that stay become candidates.
// The count runs on past the capacity, so that the host sees what did not fit. Rows of a block have consecutive ranks.
// MATRIX takes f16 rows (half_pack.wgsl), whose rounding the norms count in, and tiles of 128 x 128; it looks for what is left
// after 2 and 4 chunks and at the end, as a look costs as much as a chunk.
#ifdef LANES8
enable subgroups;
diagnostic(off, subgroup_uniformity);
#endif
#ifdef MATRIX
enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);
#endif
#import flat_index

struct Params {
  tile_count: u32,
  later_count: u32,
  later_first: u32,
  earlier_first: u32,
  earlier_count: u32,
  dim: u32,
  chunk: u32,
  threshold: f32,
  capacity: u32,
}

struct Candidates {
  // Pairs found, also those past the capacity.
  count: atomic<u32>,
  // Chunks of dimensions that were worked, 8 for a whole tile's.
  chunks: atomic<u32>,
  // Rows in their blocks, later and earlier.
  pairs: array<vec2u>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> tiles: array<vec2u>;
#ifdef MATRIX
@group(0) @binding(2) var<storage, read> left: array<f16>;
@group(0) @binding(3) var<storage, read> right: array<vec4u>;
@group(0) @binding(4) var<storage, read> later_starts: array<u32>;
@group(0) @binding(5) var<storage, read> later_norms: array<f32>;
@group(0) @binding(6) var<storage, read> earlier_norms: array<f32>;
#else
@group(0) @binding(2) var<storage, read> left: array<vec4f>;
@group(0) @binding(3) var<storage, read> right: array<vec4f>;
@group(0) @binding(4) var<storage, read> later_starts: array<u32>;
@group(0) @binding(5) var<storage, read> later_norms: array<vec4f>;
@group(0) @binding(6) var<storage, read> earlier_norms: array<vec4f>;
#endif
@group(0) @binding(7) var<storage, read_write> candidates: Candidates;

// Pairs of 64 x 8 (LANES8), 128 x 128 (MATRIX) or 8 x 8 rows that are few enough to leave the tile for.
#ifdef LANES8
override few: u32 = 12;
#else
#ifdef MATRIX
override few: u32 = 128;
#else
override few: u32 = 1;
#endif
#endif

#ifdef MATRIX
#import half_tile

// What is left of the tile: how many pairs, in [0]; of the first `few`, at most 128, the row and the column in the tile; and
// in x where they go among the candidates. Each is a multiple of 16 bytes: NVIDIA's driver lays workgroup variables end to
// end, and matrices loaded from a tile that does not begin at such a multiple are zeros.
var<workgroup> left_over: array<atomic<u32>, 4>;
var<workgroup> left_pairs: array<u32, 128>;
var<workgroup> left_slot: vec4u;
// Of the tile's columns, past the prefix that is looked at.
var<workgroup> column_norms: array<f32, 128>;

// A row of the tile and the columns that it meets: those of its group before it.
struct TileRow {
  row: u32,
  norm_at: u32,
  first_column: u32,
  end_column: u32,
}

fn tile_row(row: u32, prefixes: u32) -> TileRow {
  if (row >= params.later_count) { return TileRow(row, 0, 0, 0); }
  return TileRow(
    row,
    row / 64 * prefixes * 64 + row % 64,
    max(later_starts[row], params.earlier_first) - params.earlier_first,
    min(params.later_first + row, params.earlier_first + params.earlier_count) - params.earlier_first,
  );
}

fn emit(slot: u32, row: u32, column: u32) {
  if (slot < params.capacity) { candidates.pairs[slot] = vec2u(row, column); }
}

// Keeps the pairs of a row with 16 columns of the tile, from `place` on, that stay; or takes them as candidates one by one.
fn scan(tile: TileRow, sums_at: u32, norm: f32, place: u32, first_column: u32, emits: bool) {
  var largest = -3.4e38;
  for (var x = 0u; x < 16; x++) {
    largest = max(largest, tile_sums[sums_at + x * 36] + norm * column_norms[place + x]);
  }
  if (largest < params.threshold) { return; }
  for (var x = 0u; x < 16; x++) {
    let column = first_column + place + x;
    if (tile_sums[sums_at + x * 36] + norm * column_norms[place + x] >= params.threshold
      && column >= tile.first_column && column < tile.end_column) {
      if (emits) {
        emit(atomicAdd(&candidates.count, 1u), tile.row, column);
      } else {
        let slot = atomicAdd(&left_over[0], 1u);
        if (slot < few) { left_pairs[slot] = tile.row * 128 + place + x; }
      }
    }
  }
}

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup, workgroups);
  if (index >= params.tile_count) { return; }
  let tile = tiles[index];
  let prefixes = (params.dim + 63) / 64;
  let blocks = prefixes * 4;
  let part = lane / 32;
  let left_at = (tile.x * 2 + part / 2) * blocks * 1024 + part % 2 * 512;
  let right_at = tile.y * 2 * blocks * 128 + lane;
  let sums_at = part * 576;
  let carried = carried_to(lane);
  let row = tile_row(tile.x * 128 + lane, prefixes);
  let first_column = tile.y * 128;
  let norms_at = (tile.y * 2 + lane / 64) * prefixes * 64 + lane % 64;
  var block = 0u;
#import inline/half_zero
#import inline/half_begin
  loop {
    // Up to the next look: 128 dimensions, 256, all.
    let end = min(select(select(blocks, 16u, block < 16), 8u, block < 8), blocks);
    for (; block < end; block += 2) {
      let next = right_at + min(block + 2, blocks - 2) * 128;
#import inline/half_stage
    }
    let last = block == blocks;
    let prefix = (block / 4 - 1) * 64;
    let later_norm = later_norms[row.norm_at + prefix];
    column_norms[lane] = earlier_norms[norms_at + prefix];
    if (lane == 0) { atomicStore(&left_over[0], 0u); }
    var count = 0u;
    // A second look only for a tile full of likes: they are too many to keep here, and all are candidates.
    for (var look = 0u; look < 2; look++) {
      subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_00, 36);
      subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_10, 36);
      workgroupBarrier();
      scan(row, sums_at + lane % 32, later_norm, 0, first_column, look == 1);
      workgroupBarrier();
      subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_01, 36);
      subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_11, 36);
      workgroupBarrier();
      scan(row, sums_at + lane % 32, later_norm, 16, first_column, look == 1);
      workgroupBarrier();
      subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_02, 36);
      subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_12, 36);
      workgroupBarrier();
      scan(row, sums_at + lane % 32, later_norm, 32, first_column, look == 1);
      workgroupBarrier();
      subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_03, 36);
      subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_13, 36);
      workgroupBarrier();
      scan(row, sums_at + lane % 32, later_norm, 48, first_column, look == 1);
      workgroupBarrier();
      subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_04, 36);
      subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_14, 36);
      workgroupBarrier();
      scan(row, sums_at + lane % 32, later_norm, 64, first_column, look == 1);
      workgroupBarrier();
      subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_05, 36);
      subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_15, 36);
      workgroupBarrier();
      scan(row, sums_at + lane % 32, later_norm, 80, first_column, look == 1);
      workgroupBarrier();
      subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_06, 36);
      subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_16, 36);
      workgroupBarrier();
      scan(row, sums_at + lane % 32, later_norm, 96, first_column, look == 1);
      workgroupBarrier();
      subgroupMatrixStore<col_major>(&tile_sums, sums_at, sum_07, 36);
      subgroupMatrixStore<col_major>(&tile_sums, sums_at + 16, sum_17, 36);
      workgroupBarrier();
      scan(row, sums_at + lane % 32, later_norm, 112, first_column, look == 1);
      workgroupBarrier();
      if (lane == 0) { left_slot.x = atomicLoad(&left_over[0]); }
      count = workgroupUniformLoad(&left_slot).x;
      if (count <= few || !last) { break; }
    }
    if (count <= few) {
      if (lane == 0 && count > 0) { left_slot.x = atomicAdd(&candidates.count, count); }
      let slot = workgroupUniformLoad(&left_slot).x;
      for (var i = lane; i < count; i += 128u) {
        emit(slot + i, left_pairs[i] / 128, first_column + left_pairs[i] % 128);
      }
    }
    if (last || count <= few) { break; }
  }
  // A whole tile counts for 8 chunks of all prefixes.
  if (lane == 0) { atomicAdd(&candidates.chunks, block * 2); }
}
#else
const bits = vec4u(1, 2, 4, 8);

// One bit for each pair of the 8 x 8 tile that stays, later rows 0 to 3 in x.
fn staying(sums: ptr<function, array<vec4f, 16>>, norms: array<vec4f, 2>, low_norms: vec4f, high_norms: vec4f, first_row: u32, first_column: u32) -> vec2u {
  var masks = vec2u();
  let low_ranks = params.earlier_first + first_column + vec4u(0, 1, 2, 3);
  let high_ranks = low_ranks + 4;
  let row_count = min(max(params.later_count, first_row) - first_row, 8u);
  for (var r = 0u; r < row_count; r++) {
    let norm = norms[r / 4][r % 4];
    let rank = vec4u(params.later_first + first_row + r);
    let start = vec4u(later_starts[first_row + r]);
    let low = (low_ranks < rank) & (low_ranks >= start) & (sums[2 * r] + norm * low_norms >= vec4f(params.threshold));
    let high = (high_ranks < rank) & (high_ranks >= start) & (sums[2 * r + 1] + norm * high_norms >= vec4f(params.threshold));
    let byte = dot(select(vec4u(), bits, low), vec4u(1)) | (dot(select(vec4u(), bits, high), vec4u(1)) << 4);
    masks[r / 4] |= byte << (8 * (r % 4));
  }
  return masks;
}

fn emit(masks: vec2u, count: u32, first_row: u32, first_column: u32) {
  var slot = atomicAdd(&candidates.count, count);
  for (var half = 0u; half < 2; half++) {
    for (var mask = masks[half]; mask != 0; mask &= mask - 1) {
      let bit = countTrailingZeros(mask);
      if (slot < params.capacity) {
        candidates.pairs[slot] = vec2u(first_row + half * 4 + bit / 8, first_column + bit % 8);
      }
      slot++;
    }
  }
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup, workgroups);
  if (index >= params.tile_count) { return; }
  let tile = tiles[index];
  let lane8 = lane % 8;
  let column_lane = lane / 8;
  let first_row = tile.x * 64 + lane8 * 8;
  let first_column = tile.y * 64 + column_lane * 8;
  if (first_column >= params.earlier_count) { return; }
#ifdef LANES8
  // A subgroup stays together: it works while any row of the tile needs it.
  let bound_row = tile.x * 64;
  let bound_end = min(tile.x * 64 + 64, params.later_count);
#else
  if (first_row >= params.later_count) { return; }
  let bound_row = first_row;
  let bound_end = min(first_row + 8, params.later_count);
#endif
  if (params.earlier_first + first_column >= params.later_first + bound_end - 1) { return; }
  if (params.earlier_first + first_column + 7 < later_starts[bound_row]) { return; }
  let prefixes = (params.dim + params.chunk - 1) / params.chunk;
  var row_norms = tile.x * prefixes * 16 + lane8 * 2;
  var column_norms = tile.y * prefixes * 16 + column_lane * 2;
  var l = tile.x * params.dim * 16 + lane8 * 2;
  var r = tile.y * params.dim * 16 + column_lane * 2;
  var worked = 0u;
#import inline/dot_sums
  for (var i = 0u; i < params.dim; ) {
    let end = min(i + params.chunk, params.dim);
    for (; i < end; i++) {
#import inline/dot_step
    }
    worked++;
    let a = later_norms[row_norms];
    let b = later_norms[row_norms + 1];
    let low_norms = earlier_norms[column_norms];
    let high_norms = earlier_norms[column_norms + 1];
    row_norms += 16;
    column_norms += 16;
    let floor = vec4f(params.threshold);
    // Without regard to ranks, which few tiles need.
    let reached = (s0 + a.x * low_norms >= floor) | (t0 + a.x * high_norms >= floor)
      | (s1 + a.y * low_norms >= floor) | (t1 + a.y * high_norms >= floor)
      | (s2 + a.z * low_norms >= floor) | (t2 + a.z * high_norms >= floor)
      | (s3 + a.w * low_norms >= floor) | (t3 + a.w * high_norms >= floor)
      | (s4 + b.x * low_norms >= floor) | (t4 + b.x * high_norms >= floor)
      | (s5 + b.y * low_norms >= floor) | (t5 + b.y * high_norms >= floor)
      | (s6 + b.z * low_norms >= floor) | (t6 + b.z * high_norms >= floor)
      | (s7 + b.w * low_norms >= floor) | (t7 + b.w * high_norms >= floor);
    var masks = vec2u();
    if (any(reached)) {
      var sums = array<vec4f, 16>(s0, t0, s1, t1, s2, t2, s3, t3, s4, t4, s5, t5, s6, t6, s7, t7);
      masks = staying(&sums, array<vec4f, 2>(a, b), low_norms, high_norms, first_row, first_column);
    }
    let count = countOneBits(masks.x) + countOneBits(masks.y);
#ifdef LANES8
    let total = subgroupAdd(count);
#else
    let total = count;
#endif
    if (total <= few || i == params.dim) {
      if (count > 0) { emit(masks, count, first_row, first_column); }
      break;
    }
  }
  if (lane8 == 0) { atomicAdd(&candidates.chunks, worked); }
}
#endif
