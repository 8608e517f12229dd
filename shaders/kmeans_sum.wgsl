// Adds rows to the sums of their clusters, or takes them away. What comes to a cluster and goes from it is sorted by cluster
// (kmeans_rank to kmeans_scatter), so a workgroup walks the rows of one and its lanes, one for each 4 dimensions, keep the
// sum in registers: no atomics, every row is read once. What is summed are residuals, row - centroid: they shrink as the clustering settles, and so does rounding.
// Their squares add up to the inertia; that sum of many small terms carries its rounding error along (Kahan, 1965).
// A slice takes every slice_count-th run of `run_tiles` tiles of 1024 rows, counted from row 0 of the collection, and its
// sums go on from chunk to chunk: the same rows give the same bits however they are cut into chunks of whole tiles.
// Products are written as fma, so that the unrolled loop and the rest round alike.
// WIDE reads whole vec4f, which needs a dimension that is a multiple of 4.
#import flat_index

struct Params {
  row_count: u32,
  dim: u32,
  cluster_count: u32,
  slice_count: u32,
  run_tiles: u32,
  first_row: u32,
  weighted: u32,
  // 0, which the compiler cannot know.
  zero: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
#ifdef WIDE
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read> centroids: array<vec4f>;
#else
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> centroids: array<f32>;
#endif
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> table: array<u32>;
@group(0) @binding(5) var<storage, read> weights: array<u32>;
#ifdef WIDE
@group(0) @binding(6) var<storage, read_write> sums: array<vec4f>;
#else
@group(0) @binding(6) var<storage, read_write> sums: array<f32>;
#endif
@group(0) @binding(7) var<storage, read_write> counts: array<u32>;
// Two values for each 4 dimensions: a sum of squares, and what rounding took from it.
@group(0) @binding(8) var<storage, read_write> squares: array<vec2f>;

const tile_rows = 1024u;
const lanes = 64u;

#ifdef WIDE
fn row_at(row: u32, part: u32, parts: u32) -> vec4f { return rows[row * parts + part]; }
fn centroid_at(cluster: u32, part: u32, parts: u32) -> vec4f { return centroids[cluster * parts + part]; }
fn sum_at(place: u32, part: u32, parts: u32) -> vec4f { return sums[place * parts + part]; }
fn store_sum(place: u32, part: u32, parts: u32, sum: vec4f) { sums[place * parts + part] = sum; }
#else
// The 4 values of a part that lie inside the dimension; 0 for the others.
fn row_at(row: u32, part: u32, parts: u32) -> vec4f {
  let at = row * params.dim + part * 4;
  let left = params.dim - part * 4;
  var values = vec4f(rows[at], 0, 0, 0);
  if (left > 1) { values.y = rows[at + 1]; }
  if (left > 2) { values.z = rows[at + 2]; }
  if (left > 3) { values.w = rows[at + 3]; }
  return values;
}

fn centroid_at(cluster: u32, part: u32, parts: u32) -> vec4f {
  let at = cluster * params.dim + part * 4;
  let left = params.dim - part * 4;
  var values = vec4f(centroids[at], 0, 0, 0);
  if (left > 1) { values.y = centroids[at + 1]; }
  if (left > 2) { values.z = centroids[at + 2]; }
  if (left > 3) { values.w = centroids[at + 3]; }
  return values;
}

fn sum_at(place: u32, part: u32, parts: u32) -> vec4f {
  let at = place * params.dim + part * 4;
  let left = params.dim - part * 4;
  var values = vec4f(sums[at], 0, 0, 0);
  if (left > 1) { values.y = sums[at + 1]; }
  if (left > 2) { values.z = sums[at + 2]; }
  if (left > 3) { values.w = sums[at + 3]; }
  return values;
}

fn store_sum(place: u32, part: u32, parts: u32, sum: vec4f) {
  let at = place * params.dim + part * 4;
  let left = params.dim - part * 4;
  sums[at] = sum.x;
  if (left > 1) { sums[at + 1] = sum.y; }
  if (left > 2) { sums[at + 2] = sum.z; }
  if (left > 3) { sums[at + 3] = sum.w; }
}
#endif

// An entry of `order` is a row, whose highest bit tells that it goes.
const goes = 0x80000000u;

fn row_of(entry: u32) -> u32 {
  return entry & ~goes;
}

fn weight_of(entry: u32) -> f32 {
  var weight = 1.0;
  if (params.weighted == 1) { weight = f32(weights[row_of(entry)]); }
  return select(weight, -weight, entry >= goes);
}

// Counts are whole numbers modulo 2^32: those that go are added as what they lack to it.
fn count_of(entry: u32) -> u32 {
  var count = 1u;
  if (params.weighted == 1) { count = weights[row_of(entry)]; }
  return select(count, 0 - count, entry >= goes);
}

struct Running {
  sum: vec4f,
  squares: f32,
  error: f32,
}

// The value itself. Compilers simplify (a + b) - a to b, which undoes what Kahan's sum is for; they cannot look through this.
fn as_rounded(value: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(value) ^ params.zero);
}

fn add(before: Running, residual: vec4f, weight: f32) -> Running {
  var running = before;
  running.sum = fma(vec4f(weight), residual, running.sum);
  let weighted = weight * residual;
  var square = fma(weighted.x, residual.x, running.error);
  square = fma(weighted.y, residual.y, square);
  square = fma(weighted.z, residual.z, square);
  square = fma(weighted.w, residual.w, square);
  let squares = as_rounded(running.squares + square);
  running.error = square - (squares - running.squares);
  running.squares = squares;
  return running;
}

// Where the entries of a cluster in one run begin and end; first_tile is that of the chunk.
fn entries_of(run: u32, first_tile: u32, tile_count: u32, cluster: u32, base: u32, cluster_end: u32) -> vec2u {
  let k = params.cluster_count;
  var entries = vec2u(base, cluster_end);
  if (run * params.run_tiles > first_tile) { entries.x += table[(run * params.run_tiles - first_tile) * k + cluster]; }
  let next_tile = (run + 1) * params.run_tiles - first_tile;
  if (next_tile < tile_count) { entries.y = base + table[next_tile * k + cluster]; }
  return entries;
}

@compute @workgroup_size(lanes)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let parts = (params.dim + 3) / 4;
  let blocks = (parts + lanes - 1) / lanes;
  let k = params.cluster_count;
  let flat = flat_index(workgroup, workgroups);
  let part = flat % blocks * lanes + lane;
  let cluster = flat / blocks % k;
  let tile_count = (params.row_count + tile_rows - 1) / tile_rows;
  let first_tile = params.first_row / tile_rows;
  let run_offset = flat / blocks / k;
  let first_run = first_tile / params.run_tiles + run_offset;
  let last_run = (first_tile + tile_count - 1) / params.run_tiles;
  if (run_offset >= params.slice_count || first_run > last_run || part >= parts) { return; }
  let base = table[tile_count * k + cluster];
  let cluster_end = table[tile_count * k + cluster + 1];
  if (base == cluster_end) { return; }
  var walked = 0u;
  for (var run = first_run; run <= last_run && walked == 0; run += params.slice_count) {
    let entries = entries_of(run, first_tile, tile_count, cluster, base, cluster_end);
    walked = entries.y - entries.x;
  }
  if (walked == 0) { return; }
  let slice = first_run % params.slice_count;
  let place = slice * k + cluster;
  let centroid = centroid_at(cluster, part, parts);
  let carried = squares[place * parts + part];
  var running = Running(sum_at(place, part, parts), carried.x, carried.y);
  var count = 0u;
  for (var run = first_run; run <= last_run; run += params.slice_count) {
    let entries = entries_of(run, first_tile, tile_count, cluster, base, cluster_end);
    var position = entries.x;
    for (; position + 4 <= entries.y; position += 4) {
      let entry0 = order[position];
      let entry1 = order[position + 1];
      let entry2 = order[position + 2];
      let entry3 = order[position + 3];
      let values0 = row_at(row_of(entry0), part, parts);
      let values1 = row_at(row_of(entry1), part, parts);
      let values2 = row_at(row_of(entry2), part, parts);
      let values3 = row_at(row_of(entry3), part, parts);
      running = add(running, values0 - centroid, weight_of(entry0));
      running = add(running, values1 - centroid, weight_of(entry1));
      running = add(running, values2 - centroid, weight_of(entry2));
      running = add(running, values3 - centroid, weight_of(entry3));
      if (part == 0) { count += count_of(entry0) + count_of(entry1) + count_of(entry2) + count_of(entry3); }
    }
    for (; position < entries.y; position++) {
      let entry = order[position];
      running = add(running, row_at(row_of(entry), part, parts) - centroid, weight_of(entry));
      if (part == 0) { count += count_of(entry); }
    }
  }
  store_sum(place, part, parts, running.sum);
  squares[place * parts + part] = vec2f(running.squares, running.error);
  if (part == 0) { counts[place] += count; }
}
