// First pass of frame_to_tensor: a decoded picture to RGB, each row resampled to the output's width. Any layout of
// src/pixel_layout.ts is three components with an offset, a stride and a step; colour is a 3 x 3 matrix and a base, in
// units of the samples. Chroma is brought to full size bilinearly from where it is sited. One invocation per output
// column of a source row walks its taps from left to right, so that each chroma column is fetched once.
#import flat_index
#import tone_map

override WORKGROUP_SIZE: u32 = 64;
// Constants rather than parameters, as they would be asked for at every sample. 0: one byte each, 1: two.
override BYTE_SHIFT: u32 = 0;
// 0: no high dynamic range, 1: PQ, 2: HLG.
override HIGH_RANGE: u32 = 0;

struct Params {
  frame_count: u32,
  frame_words: u32,
  row_first: u32,
  row_count: u32,
  out_width: u32,
  taps: u32,
  // Luma or green; blue-difference or blue; red-difference or red.
  first_offset: u32,
  first_stride: u32,
  first_step: u32,
  second_offset: u32,
  third_offset: u32,
  chroma_stride: u32,
  chroma_step: u32,
  chroma_width: i32,
  chroma_height: i32,
  // Position among chroma samples of luma sample i: scale * i + shift.
  chroma_scale_x: f32,
  chroma_shift_x: f32,
  chroma_scale_y: f32,
  chroma_shift_y: f32,
  red_first: f32,
  red_third: f32,
  red_base: f32,
  green_first: f32,
  green_second: f32,
  green_third: f32,
  green_base: f32,
  blue_first: f32,
  blue_second: f32,
  blue_base: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> frames: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> rows: array<f32>;

// Marks an output column or row that lies in the padding (src/kernels/resize_plan.ts).
const PADDING = 0xffffffffu;

fn sample_at(first_word: u32, index: u32) -> f32 {
  if (BYTE_SHIFT == 1) { return f32((frames[first_word + index / 2] >> (16 * (index % 2))) & 0xffff); }
  return f32((frames[first_word + index / 4] >> (8 * (index % 4))) & 0xff);
}

// The second and third component of one column, interpolated between the two rows around a luma row.
struct ChromaRows {
  first_word: u32,
  above: u32,
  below: u32,
  below_weight: f32,
}

fn chroma_at(at: ChromaRows, column: i32) -> vec2f {
  let x = u32(clamp(column, 0, params.chroma_width - 1)) * params.chroma_step;
  let above = vec2f(
    sample_at(at.first_word, params.second_offset + at.above + x),
    sample_at(at.first_word, params.third_offset + at.above + x),
  );
  if (at.below_weight == 0.0) { return above; }
  let below = vec2f(
    sample_at(at.first_word, params.second_offset + at.below + x),
    sample_at(at.first_word, params.third_offset + at.below + x),
  );
  return mix(above, below, at.below_weight);
}

fn chroma_row(row: i32) -> u32 {
  return u32(clamp(row, 0, params.chroma_height - 1)) * params.chroma_stride;
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
  let first_row = params.first_offset + y * params.first_stride;

  let chroma_y = f32(y) * params.chroma_scale_y + params.chroma_shift_y;
  let above = i32(floor(chroma_y));
  let at = ChromaRows(first_word, chroma_row(above), chroma_row(above + 1), fract(chroma_y));
  var chroma_x = f32(start) * params.chroma_scale_x + params.chroma_shift_x;
  var chroma_column = i32(floor(chroma_x));
  var here = chroma_at(at, chroma_column);
  var next = chroma_at(at, chroma_column + 1);
  var sum = vec3f(0.0);
  for (var tap = 0u; tap < params.taps; tap++) {
    let x = start + tap;
    chroma_x = f32(x) * params.chroma_scale_x + params.chroma_shift_x;
    if (i32(floor(chroma_x)) != chroma_column) {
      chroma_column++;
      here = next;
      next = chroma_at(at, chroma_column + 1);
    }
    let chroma = mix(here, next, fract(chroma_x));
    let first = sample_at(first_word, first_row + x * params.first_step);
    var rgb = vec3f(
      params.red_first * first + params.red_third * chroma.y + params.red_base,
      params.green_first * first + params.green_second * chroma.x + params.green_third * chroma.y + params.green_base,
      params.blue_first * first + params.blue_second * chroma.x + params.blue_base,
    );
    rgb = clamp(rgb, vec3f(0.0), vec3f(255.0));
    if (HIGH_RANGE != 0) { rgb = tone_map(rgb, HIGH_RANGE == 1); }
    sum += weights[column * params.taps + tap] * rgb;
  }
  // A bicubic kernel overshoots; eight-bit resizers clip after each pass, and encoders were trained on that.
  sum = clamp(sum, vec3f(0.0), vec3f(255.0));
  let plane = params.row_count * params.out_width;
  let target_index = frame * 3 * plane + row * params.out_width + column;
  rows[target_index] = sum.x;
  rows[target_index + plane] = sum.y;
  rows[target_index + 2 * plane] = sum.z;
}
