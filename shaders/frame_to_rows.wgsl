// First pass of frame_to_tensor: planar YUV 4:2:0 of 8 bits to RGB, each row resampled to the output's width.
// Chroma is sited left (MPEG-2, the default of H.264 and H.265): level with even columns, halfway between rows, and is
// brought to full size bilinearly. One invocation per output column of a source row walks its taps from left to right,
// so that each chroma column is fetched once. Frames are bytes packed in words, each frame on a word boundary.
#import flat_index

override WORKGROUP_SIZE: u32 = 64;

struct Params {
  frame_count: u32,
  frame_words: u32,
  width: u32,
  height: u32,
  row_first: u32,
  row_count: u32,
  out_width: u32,
  taps: u32,
  luma_offset: f32,
  luma_scale: f32,
  red_v: f32,
  green_u: f32,
  green_v: f32,
  blue_u: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> frames: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> rows: array<f32>;

// Marks an output column or row that lies in the padding (src/kernels/resize_plan.ts).
const PADDING = 0xffffffffu;

fn byte_at(first_word: u32, index: u32) -> f32 {
  return f32((frames[first_word + index / 4] >> (8 * (index % 4))) & 0xff);
}

// U and V of one chroma column, interpolated between the two chroma rows around a luma row.
struct ChromaRows {
  first_word: u32,
  width: u32,
  plane_u: u32,
  plane_v: u32,
  above: u32,
  below: u32,
  below_weight: f32,
}

fn chroma_at(at: ChromaRows, column: u32) -> vec2f {
  let x = min(column, at.width - 1);
  let above = at.above * at.width + x;
  let below = at.below * at.width + x;
  return mix(
    vec2f(byte_at(at.first_word, at.plane_u + above), byte_at(at.first_word, at.plane_v + above)),
    vec2f(byte_at(at.first_word, at.plane_u + below), byte_at(at.first_word, at.plane_v + below)),
    at.below_weight,
  ) - 128.0;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  let column = index % params.out_width;
  let row = index / params.out_width % params.row_count;
  let frame = index / params.out_width / params.row_count;
  if (frame >= params.frame_count) { return; }
  let start = starts[column];
  if (start == PADDING) { return; }
  let y = params.row_first + row;
  let first_word = frame * params.frame_words;
  let chroma_height = (params.height + 1) / 2;
  var at: ChromaRows;
  at.first_word = first_word;
  at.width = (params.width + 1) / 2;
  at.plane_u = params.width * params.height;
  at.plane_v = at.plane_u + at.width * chroma_height;
  // Chroma row j lies at luma row 2j + 1/2: an even row is a quarter of the way back, an odd one a quarter on.
  let odd = y % 2 == 1;
  at.above = select(max(y / 2, 1) - 1, y / 2, odd);
  at.below = select(y / 2, min(y / 2 + 1, chroma_height - 1), odd);
  at.below_weight = select(0.75, 0.25, odd);

  var chroma_column = start / 2;
  var here = chroma_at(at, chroma_column);
  var next = chroma_at(at, chroma_column + 1);
  var sum = vec3f(0.0);
  for (var tap = 0u; tap < params.taps; tap++) {
    let x = start + tap;
    if (x / 2 != chroma_column) {
      chroma_column = x / 2;
      here = next;
      next = chroma_at(at, chroma_column + 1);
    }
    let chroma = select(here, (here + next) * 0.5, x % 2 == 1);
    let luma = (byte_at(first_word, y * params.width + x) - params.luma_offset) * params.luma_scale;
    let rgb = vec3f(
      luma + params.red_v * chroma.y,
      luma - params.green_u * chroma.x - params.green_v * chroma.y,
      luma + params.blue_u * chroma.x,
    );
    sum += weights[column * params.taps + tap] * clamp(rgb, vec3f(0.0), vec3f(255.0));
  }
  // A bicubic kernel overshoots; eight-bit resizers clip after each pass, and encoders were trained on that.
  sum = clamp(sum, vec3f(0.0), vec3f(255.0));
  let plane = params.row_count * params.out_width;
  let target_index = frame * 3 * plane + row * params.out_width + column;
  rows[target_index] = sum.x;
  rows[target_index + plane] = sum.y;
  rows[target_index + 2 * plane] = sum.z;
}
