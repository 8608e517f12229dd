// Second pass of frame_to_tensor: rows of RGB (frame_to_rows) resampled to the output's height, placed or cropped,
// and scaled by (x / 255 - mean) / std into NCHW. One invocation per output pixel of one channel.
// Pixels outside of the picture take the padding value, which is normalised like any other.
#import flat_index

override WORKGROUP_SIZE: u32 = 64;

struct Params {
  frame_count: u32,
  row_count: u32,
  out_width: u32,
  out_height: u32,
  taps: u32,
  padding: f32,
  mean_red: f32,
  mean_green: f32,
  mean_blue: f32,
  std_red: f32,
  std_green: f32,
  std_blue: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> column_starts: array<u32>;
@group(0) @binding(3) var<storage, read> starts: array<u32>;
@group(0) @binding(4) var<storage, read> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> tensor: array<f32>;

const PADDING = 0xffffffffu;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  let column = index % params.out_width;
  let row = index / params.out_width % params.out_height;
  let plane = index / params.out_width / params.out_height;
  if (plane >= params.frame_count * 3) { return; }
  let start = starts[row];
  var value = params.padding;
  if (start != PADDING && column_starts[column] != PADDING) {
    let first = (plane * params.row_count + start) * params.out_width + column;
    var sum = 0.0;
    for (var tap = 0u; tap < params.taps; tap++) {
      sum += weights[row * params.taps + tap] * rows[first + tap * params.out_width];
    }
    value = clamp(sum, 0.0, 255.0);
  }
  let means = vec3f(params.mean_red, params.mean_green, params.mean_blue);
  let deviations = vec3f(params.std_red, params.std_green, params.std_blue);
  let channel = plane % 3;
  tensor[index] = (value / 255.0 - means[channel]) / deviations[channel];
}
