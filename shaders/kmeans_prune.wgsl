// Finds the centroids that can be a row's nearest, from sketches alone (row_sketch.wgsl; the idea is that of ADSampling,
// Gao and Long, 2023, with a proven bound in place of a probable one). A centroid stays in question if the upper bound of
// its score, p(x).p(c) + r(x) r(c) - |c|^2 / 2, reaches the score that the row has with its own label. With search = 1 it
// finds a label to begin with instead: the centroid whose coordinates are nearest, p(x).p(c) - |p(c)|^2 / 2.
// pairs: for each row, the number of such centroids, then room for row_pairs of them, ascending. Where they do not fit, the
// number is 0 and the row goes on the list (row_list.ts) instead. A workgroup works 64 rows.
// LANES8 is for adapters whose subgroups are 8 invocations of a CPU's vector: a subgroup holds the sketches of its rows,
// 8 in each invocation, and walks the centroids (held_product.wgsl).
#ifdef LANES8
enable subgroups;
diagnostic(off, subgroup_uniformity);
#endif
#import flat_index
#import sketch_record

struct Params {
  row_count: u32,
  centroid_count: u32,
  row_pairs: u32,
  search: u32,
  zero: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> right: array<vec4f>;
@group(0) @binding(3) var<storage, read> half_norms: array<f32>;
@group(0) @binding(4) var<storage, read> scores: array<f32>;
@group(0) @binding(5) var<storage, read_write> labels: array<u32>;
@group(0) @binding(6) var<storage, read_write> pairs: array<u32>;
@group(0) @binding(7) var<storage, read_write> list: array<atomic<u32>>;

const far = 3e38;

// What a row's bounds have to reach: its score, less what rounding may have done to it and to the bounds.
fn threshold_of(row: u32) -> f32 {
  if (row >= params.row_count) { return far; }
  if (params.search == 1) { return 0.0; }
  return scores[row] - abs(scores[row]) * 0x1p-17 - left[row * record_quads + 16].y;
}

// What a centroid adds to all its bounds. One past the last is out of reach.
fn offset_of(centroid: u32) -> f32 {
  if (centroid >= params.centroid_count) { return -far; }
  let tail = right[centroid * record_quads + 16];
  if (params.search == 1) { return tail.x * tail.x / 2 - half_norms[centroid]; }
  return tail.y - half_norms[centroid];
}

fn rest_of(row: u32) -> f32 {
  if (params.search == 1) { return 0.0; }
  return left[min(row, params.row_count - 1) * record_quads + 16].x;
}

// Ends a row that `count` centroids stay open for.
fn close(row: u32, count: u32) {
  if (row >= params.row_count) { return; }
  let fits = count <= params.row_pairs;
  pairs[row * (params.row_pairs + 1)] = select(0u, count, fits);
  if (fits) { return; }
  let position = atomicAdd(&list[3], 1u);
  if (position % 64 == 0) { atomicAdd(&list[0], 1u); }
  atomicStore(&list[4 + position], row);
}

#ifdef LANES8
// The rows of an invocation are the columns that it holds.
alias HeldQuads = array<f32, 256>;
#import held_product

// Bits of the rows that a centroid stays in question for; not the one that is their label already.
fn open_rows(low: vec4f, high: vec4f, centroid: u32, own_low: vec4u, own_high: vec4u) -> u32 {
  let bits = select(vec4u(), vec4u(1, 2, 4, 8), !(low < vec4f()) & (own_low != vec4u(centroid)))
    | select(vec4u(), vec4u(16, 32, 64, 128), !(high < vec4f()) & (own_high != vec4u(centroid)));
  return bits.x | bits.y | bits.z | bits.w;
}

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = flat_index(workgroup, workgroups);
  if (block * 64 >= params.row_count) { return; }
  let first_row = block * 64 + lane * 8;
  var held: Held;
  var thresholds: array<f32, 8>;
  var rests: array<f32, 8>;
  var own: array<u32, 8>;
  // From a zero that the compiler does not know: unrolled, these loops would cost more to compile than they save.
  for (var r = params.zero; r < 4; r++) {
    let low_row = min(first_row + r, params.row_count - 1);
    let high_row = min(first_row + r + 4, params.row_count - 1);
    for (var quad = params.zero; quad < 16; quad++) {
      hold(&held.low, quad * 16 + r, left[low_row * record_quads + quad]);
      hold(&held.high, quad * 16 + r, left[high_row * record_quads + quad]);
    }
  }
  for (var r = params.zero; r < 8; r++) {
    let row = min(first_row + r, params.row_count - 1);
    thresholds[r] = threshold_of(first_row + r);
    rests[r] = rest_of(row);
    own[r] = labels[row];
  }
  let threshold_low = vec4f(thresholds[0], thresholds[1], thresholds[2], thresholds[3]);
  let threshold_high = vec4f(thresholds[4], thresholds[5], thresholds[6], thresholds[7]);
  let rest_low = vec4f(rests[0], rests[1], rests[2], rests[3]);
  let rest_high = vec4f(rests[4], rests[5], rests[6], rests[7]);
  let own_low = vec4u(own[0], own[1], own[2], own[3]);
  let own_high = vec4u(own[4], own[5], own[6], own[7]);
  var best_low = vec4f(-far);
  var best_high = vec4f(-far);
  var label_low = vec4u();
  var label_high = vec4u();
  // Open centroids of each row so far, and how many rows have more than fit.
  var counts: array<u32, 8>;
  var overflowing = 8 - min(8, max(params.row_count, first_row) - first_row);
  for (var c = 0u; c < params.centroid_count; c++) {
    let at = c * record_quads + lane;
    let offset = offset_of(c);
    let rest = right[c * record_quads + 16].x;
    var sums = Sums(offset - threshold_low + rest_low * rest, offset - threshold_high + rest_high * rest);
    let values = right[at];
    let next_values = right[at + 8];
    add_32(&sums, &held, 0, values);
    add_32(&sums, &held, 128, next_values);
    if (params.search == 1) {
      label_low = select(label_low, vec4u(c), sums.low > best_low);
      label_high = select(label_high, vec4u(c), sums.high > best_high);
      best_low = max(best_low, sums.low);
      best_high = max(best_high, sums.high);
    } else {
      var open = open_rows(sums.low, sums.high, c, own_low, own_high);
      while (open != 0) {
        let r = countTrailingZeros(open);
        let count = counts[r];
        counts[r] = count + 1;
        if (count < params.row_pairs) {
          pairs[(first_row + r) * (params.row_pairs + 1) + 1 + count] = c;
        } else if (count == params.row_pairs) { overflowing++; }
        open &= open - 1;
      }
      if (subgroupAll(overflowing == 8)) { break; }
    }
  }
  if (params.search == 1) {
    var found = array<u32, 8>(
      label_low.x, label_low.y, label_low.z, label_low.w, label_high.x, label_high.y, label_high.z, label_high.w,
    );
    for (var r = params.zero; r < 8; r++) {
      if (first_row + r < params.row_count) { labels[first_row + r] = found[r]; }
    }
    return;
  }
  for (var r = params.zero; r < 8; r++) { close(first_row + r, counts[r]); }
}
#else
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = flat_index(workgroup, workgroups) * 64 + lane;
  if (row >= params.row_count) { return; }
  let held = row * record_quads;
  let threshold = threshold_of(row);
  let rest = rest_of(row);
  let own = labels[row];
  let start = row * (params.row_pairs + 1);
  var best = -far;
  var label = 0u;
  var count = 0u;
  for (var c = 0u; c < params.centroid_count; c++) {
    var sum = offset_of(c) - threshold + rest * right[c * record_quads + 16].x;
    for (var quad = 0u; quad < 16; quad++) { sum += dot(left[held + quad], right[c * record_quads + quad]); }
    if (params.search == 1) {
      if (sum > best) {
        best = sum;
        label = c;
      }
    } else if (!(sum < 0) && c != own) {
      if (count < params.row_pairs) { pairs[start + 1 + count] = c; }
      count++;
    }
  }
  if (params.search == 1) { labels[row] = label; } else { close(row, count); }
}
#endif
