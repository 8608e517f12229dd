// Sketches of rows: coordinates along 64 orthonormal directions and the length of the rest. Bounds on dot products follow
// from them (sketch_record.wgsl), whatever the directions are; the more of the rows they hold, the tighter.
// What rounding can do, with u = 2^-24 and lengths |.|: a coordinate is off by dim u |row|, all 64 together by 8 dim u |row|;
// a basis rounded to f32 adds 16 u. A dot product of two sketches is then off by 16 dim u and a little, one of whole rows
// by dim u, times both lengths, and |a||b| <= (|a|^2 + |b|^2) / 2 parts that into shares.
// `left` is the basis, dim x 64, which is the layout of a panel; `right` holds the rows as panels (panel_pack.wgsl).
#ifdef LANES8
enable subgroups;
diagnostic(off, subgroup_uniformity);
#endif
#import flat_index
#import sketch_record

struct Params {
  row_count: u32,
  dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> right: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> sketches: array<vec4f>;

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
  let doubt = (18 * f32(params.dim) + 512) * 0x1p-24 * square;
  let rest = sqrt(max(square - kept, 0) + doubt) * (1 + 0x1p-20);
  sketches[(panel * 64 + lane) * record_quads + 16] = vec4f(rest, doubt / 2, 0, 0);
}
