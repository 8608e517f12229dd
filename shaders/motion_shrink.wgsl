// Frames of half the width and height: each pixel is the rounded mean of four. One invocation per pixel.
// Values stay whole numbers of 8 bits, so that every cost of motion_match is exact.
#import flat_index

override WORKGROUP_SIZE: u32 = 64;

struct Params {
  pixel_count: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> frames: array<u32>;
@group(0) @binding(2) var<storage, read_write> halves: array<u32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.pixel_count) { return; }
  let half_width = params.width / 2;
  // Frames lie one below the other, so a row number tells the frame too.
  let corner = 2 * (index / half_width) * params.width + 2 * (index % half_width);
  let below = corner + params.width;
  halves[index] = (frames[corner] + frames[corner + 1] + frames[below] + frames[below + 1] + 2) >> 2;
}
