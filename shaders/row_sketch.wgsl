// Sketches of rows: coordinates along 64 orthonormal directions and the length of the rest. Bounds on dot products follow
// from them (sketch_record.wgsl), whatever the directions are; the more of the rows they hold, the tighter.
// What rounding can do, with u = 2^-24 and lengths |.|: a coordinate is off by dim u |row|, all 64 together by 8 dim u |row|;
// a basis rounded to f32 adds 16 u. A dot product of two sketches is then off by 16 dim u and a little, one of whole rows
// by dim u, times both lengths, and |a||b| <= (|a|^2 + |b|^2) / 2 parts that into shares.
// `left` is the basis, dim x 64, which is the layout of a panel. `right` holds the rows as panels (panel_pack.wgsl) or, for
// LANES8, as they lie: there a subgroup holds 128 dimensions of the basis at a time and walks 64 rows (held_product.wgsl).
#ifdef LANES8
enable subgroups;
diagnostic(off, subgroup_uniformity);
#endif
#import flat_index
#import sketch_record

struct Params {
  row_count: u32,
  dim: u32,
  zero: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> right: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> sketches: array<vec4f>;

// `kept` is the squared length of the coordinates, `square` that of the row.
fn tail_of(square: f32, kept: f32) -> vec4f {
  let doubt = (18 * f32(params.dim) + 512) * 0x1p-24 * square;
  let rest = sqrt(max(square - kept, 0) + doubt) * (1 + 0x1p-20);
  return vec4f(rest, doubt / 2, 0, 0);
}

#ifdef LANES8
alias HeldQuads = array<f32, 512>;
#import held_product

// [row][half][lane]: coordinates that lack dimensions.
var<workgroup> unfinished: array<vec4f, 1024>;

fn squared(a: vec4f) -> f32 {
  return dot(a, a);
}

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first_row = flat_index(workgroup, workgroups) * 64;
  if (first_row >= params.row_count) { return; }
  let quads = params.dim / 4;
  let end = min(first_row + 64, params.row_count);
  // Of this invocation's share of each row.
  var squares: array<f32, 64>;
  for (var quad = 0u; quad < quads; quad += 32) {
    var held: Held;
    // From a zero that the compiler does not know: unrolled, the loop would cost more to compile than it saves.
    for (var i = params.zero; i < min(128, params.dim - quad * 4); i++) {
      let at = (quad * 4 + i) * 16 + lane * 2;
      let low = left[at];
      let high = left[at + 1];
      held.low[i * 4] = low.x;
      held.low[i * 4 + 1] = low.y;
      held.low[i * 4 + 2] = low.z;
      held.low[i * 4 + 3] = low.w;
      held.high[i * 4] = high.x;
      held.high[i * 4 + 1] = high.y;
      held.high[i * 4 + 2] = high.z;
      held.high[i * 4 + 3] = high.w;
    }
    for (var row = first_row; row < end; row++) {
      let values_0 = values_at(row, quad + lane);
      let values_1 = values_at(row, quad + lane + 8);
      let values_2 = values_at(row, quad + lane + 16);
      let values_3 = values_at(row, quad + lane + 24);
      let slot = (row - first_row) * 16 + lane;
      let square = squares[row - first_row]
        + squared(values_0) + squared(values_1) + squared(values_2) + squared(values_3);
      var sums = Sums();
      if (quad > 0) { sums = Sums(unfinished[slot], unfinished[slot + 8]); }
      add_32(&sums, &held, 0, values_0);
      add_32(&sums, &held, 128, values_1);
      add_32(&sums, &held, 256, values_2);
      add_32(&sums, &held, 384, values_3);
      if (quad + 32 < quads) {
        squares[row - first_row] = square;
        unfinished[slot] = sums.low;
        unfinished[slot + 8] = sums.high;
      } else {
        sketches[row * record_quads + lane * 2] = sums.low;
        sketches[row * record_quads + lane * 2 + 1] = sums.high;
        let tail = tail_of(subgroupAdd(square), subgroupAdd(squared(sums.low) + squared(sums.high)));
        if (lane == 0) { sketches[row * record_quads + 16] = tail; }
      }
    }
  }
}

// Zeros past the last dimension.
fn values_at(row: u32, quad: u32) -> vec4f {
  let quads = params.dim / 4;
  return select(vec4f(), right[row * quads + min(quad, quads - 1)], quad < quads);
}
#else
#import dot_tile

// [column lane][row of the panel]: squares of 8 coordinates
var<workgroup> lane_squares: array<f32, 512>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let panel = flat_index(workgroup, workgroups);
  if (panel * 64 >= params.row_count) { return; }
  let column_lane = lane % 8;
  let row_lane = lane / 8;
  let dots = dot_tile(column_lane * 2, panel * params.dim * 16 + row_lane * 2, params.dim, column_lane);
  for (var r = 0u; r < 8; r++) {
    let half = r / 4;
    let low = vec4f(dots[half][r % 4], dots[2 + half][r % 4], dots[4 + half][r % 4], dots[6 + half][r % 4]);
    let high = vec4f(dots[8 + half][r % 4], dots[10 + half][r % 4], dots[12 + half][r % 4], dots[14 + half][r % 4]);
    let row = row_lane * 8 + r;
    lane_squares[column_lane * 64 + row] = dot(low, low) + dot(high, high);
    if (panel * 64 + row < params.row_count) {
      let at = (panel * 64 + row) * record_quads + column_lane * 2;
      sketches[at] = low;
      sketches[at + 1] = high;
    }
  }
  workgroupBarrier();
  if (panel * 64 + lane >= params.row_count) { return; }
  var kept = 0.0;
  for (var c = 0u; c < 8; c++) { kept += lane_squares[c * 64 + lane]; }
  var square = 0.0;
  for (var i = 0u; i < params.dim; i++) {
    let value = right[(panel * params.dim + i) * 16 + lane / 4][lane % 4];
    square += value * value;
  }
  sketches[(panel * 64 + lane) * record_quads + 16] = tail_of(square, kept);
}
#endif
