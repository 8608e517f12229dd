// Fills a buffer with the rows of bench/embedding_data.ts, of length 1: sets too large to upload are made where they are used.
// A workgroup makes a row; its threads take every 64th column, twice: once for the length, once to scale.
struct Params {
  row_count: u32,
  dim: u32,
  first_row: u32,
  seed: u32,
  center_count: u32,
  planted_every: u32,
  group_rows: u32,
  // 0: uniform, 1: clustered, 2: falling.
  kind: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> rows: array<f32>;

const golden = 0x9e3779b9u;
const none = 0xffffffffu;
var<workgroup> squares: array<f32, 64>;

fn hash(value: u32) -> u32 {
  var mixed = value ^ (value >> 16u);
  mixed *= 0x7feb352du;
  mixed ^= mixed >> 15u;
  mixed *= 0x846ca68bu;
  return mixed ^ (mixed >> 16u);
}

fn draw(stream: u32, index: u32) -> u32 {
  return hash(hash(params.seed * 8u + stream) ^ index);
}

fn noise(start: u32, column: u32) -> f32 {
  let bits = hash(start + column * golden);
  let sum = (bits & 255u) + ((bits >> 8u) & 255u) + ((bits >> 16u) & 255u) + (bits >> 24u);
  return (f32(sum) - 510.0) / 147.8;
}

fn is_marked(row: u32) -> bool {
  if (params.kind == 0u || params.planted_every == 0u) { return false; }
  let place = select(row % max(params.group_rows, 1u), row, params.group_rows == 0u);
  return place != 0u && draw(3u, row) % params.planted_every == 0u;
}

fn original_of(row: u32) -> u32 {
  if (!is_marked(row)) { return none; }
  let first = select(row - row % max(params.group_rows, 1u), 0u, params.group_rows == 0u);
  let original = first + draw(4u, row) % (row - first);
  return select(original, none, is_marked(original));
}

fn center_of(row: u32) -> u32 {
  if (params.group_rows > 0u) { return row / params.group_rows; }
  return max(draw(1u, row) % params.center_count, draw(2u, row) % params.center_count);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = group.y * groups.x + group.x;
  if (place >= params.row_count) { return; }
  let row = params.first_row + place;
  let original = original_of(row);
  let is_planted = original != none;
  let base = select(row, original, is_planted);
  let own = draw(6u, base);
  let center = draw(5u, center_of(base));
  let added = draw(7u, row);
  var sum = 0.0;
  for (var column = lane; column < params.dim; column += 64u) {
    var value = f32(hash(own + column * golden)) / 2147483648.0 - 1.0;
    if (params.kind != 0u) { value = select(1.0, 0.7, params.kind == 2u) * noise(own, column) + noise(center, column); }
    if (is_planted) { value += 0.1 * noise(added, column); }
    if (params.kind == 2u) { value /= sqrt(1.0 + f32(column * 197u % params.dim)); }
    rows[place * params.dim + column] = value;
    sum += value * value;
  }
  squares[lane] = sum;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (lane < half) { squares[lane] += squares[lane + half]; }
    workgroupBarrier();
  }
  let scale = inverseSqrt(squares[0]);
  for (var column = lane; column < params.dim; column += 64u) {
    rows[place * params.dim + column] *= scale;
  }
}
