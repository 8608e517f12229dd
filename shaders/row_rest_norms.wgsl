// How much of each row lies past a prefix of its dimensions: for the prefixes of chunk, 2 chunk, .. dim dimensions the value
// sqrt(rest^2 + slack length^2), where rest is the length of what follows. By Cauchy-Schwarz two rows' product of these
// values is at least |dot product of what follows| + slack |x| |y|, so the slack takes up the rounding of a dot product
// whatever the lengths of the rows are. Layout: panels of 64 rows as panel_pack's, a prefix in place of a dimension.
// Of rows that were rounded to f16 (half_pack.wgsl; rounded = 1) it is the prefix of the rounded rows that is known. With h, k
// the rounded rows and e, f what they lack, the prefixes differ by at most |h| |f| + |e| |k| + |e| |f|, which is below the
// product of each row's sqrt(u) |h| + |e| / sqrt(u) for any u up to 1: its square is added too, u = 2^-12 being near |e| / |h|.
// WIDE reads whole vec4f, which needs dimension and chunk to be multiples of 4. STAGED, for chunks of 64 and dimensions of
// whole chunks, lets neighbouring lanes read neighbouring vectors and brings them together in workgroup memory.
// A workgroup takes a panel: first the chunks, side by side, then the rows, from the last chunk back, so that a short rest
// is not a difference of long ones.
#import flat_index

struct Params {
  row_count: u32,
  dim: u32,
  chunk: u32,
  slack: f32,
  rounded: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
#ifdef WIDE
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
#else
@group(0) @binding(1) var<storage, read> rows: array<f32>;
#endif
// For each row, the length of what rounding took and of the rounded row.
@group(0) @binding(2) var<storage, read> errors: array<f32>;
@group(0) @binding(3) var<storage, read_write> norms: array<f32>;

#ifdef STAGED
// 16 squares of each row, and one place between rows, so that lanes that sum rows meet different banks.
var<workgroup> squares_of: array<f32, 1088>;

// The squared length of each row of the panel in one chunk after the other; a lane writes those of its row.
fn chunk_squares(panel: u32, row_count: u32, prefixes: u32, lane: u32) {
  for (var prefix = 0u; prefix < prefixes; prefix++) {
    for (var row = lane / 16; row < 64; row += 4u) {
      var values = vec4f();
      if (row < row_count) { values = rows[((panel * 64 + row) * prefixes + prefix) * 16 + lane % 16]; }
      squares_of[row * 17 + lane % 16] = dot(values, values);
    }
    workgroupBarrier();
    var squares = 0.0;
    for (var i = 0u; i < 16; i++) { squares += squares_of[lane * 17 + i]; }
    if (lane < row_count) { norms[(panel * prefixes + prefix) * 64 + lane] = squares; }
    workgroupBarrier();
  }
}
#else
// The squared length of each row of the panel in each chunk, as lanes come to them.
fn chunk_squares(panel: u32, row_count: u32, prefixes: u32, lane: u32) {
  for (var at = lane; at < row_count * prefixes; at += 64u) {
    let row = at / prefixes;
    let first = at % prefixes * params.chunk;
    var squares = 0.0;
#ifdef WIDE
    let row_at = (panel * 64 + row) * params.dim / 4;
    for (var i = first / 4; i < min(first + params.chunk, params.dim) / 4; i++) {
      let values = rows[row_at + i];
      squares += dot(values, values);
    }
#else
    for (var i = first; i < min(first + params.chunk, params.dim); i++) {
      let value = rows[(panel * 64 + row) * params.dim + i];
      squares += value * value;
    }
#endif
    norms[(panel * prefixes + at % prefixes) * 64 + row] = squares;
  }
}
#endif

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let panel = flat_index(workgroup, workgroups);
  let prefixes = (params.dim + params.chunk - 1) / params.chunk;
  let first_norm = panel * prefixes * 64;
  let row_count = min(max(params.row_count, panel * 64) - panel * 64, 64u);
  chunk_squares(panel, row_count, prefixes, lane);
  storageBarrier();
  if (lane >= row_count) { return; }
  var length = 0.0;
  for (var prefix = prefixes; prefix > 0; prefix--) { length += norms[first_norm + (prefix - 1) * 64 + lane]; }
  var share = params.slack * length;
  if (params.rounded == 1) {
    let row = panel * 64 + lane;
    let doubt = errors[row * 2 + 1] * 0x1p-6 + errors[row * 2] * 0x1p+6;
    share += doubt * doubt;
  }
  var rest = 0.0;
  for (var prefix = prefixes; prefix > 0; prefix--) {
    let at = first_norm + (prefix - 1) * 64 + lane;
    let squares = norms[at];
    norms[at] = sqrt(rest + share);
    rest += squares;
  }
}
