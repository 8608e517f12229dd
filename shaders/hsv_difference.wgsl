// How much each frame differs from the one before, in hue, saturation and value: sums of absolute differences over all
// pixels, in OpenCV's 8-bit HSV (hue 0..179, integer tables), which PySceneDetect's detectors are defined on. Sums of
// integers are exact, whatever the order. One workgroup per frame; an invocation takes groups of four pixels, which are
// three whole words. Frames are padded with zeros to whole groups: black in both, they add nothing.
#import flat_index

const lanes = 64u;

struct Params {
  // Frames after the first.
  pair_count: u32,
  // Groups of four pixels in a frame.
  group_count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// pair_count + 1 frames of packed 8-bit RGB.
@group(0) @binding(1) var<storage, read> frames: array<u32>;
// round(255 * 4096 / value) at 0..255, round(180 * 4096 / (6 * chroma)) at 256..511.
@group(0) @binding(2) var<storage, read> divisors: array<i32>;
// Three for each pair: hue, saturation, value.
@group(0) @binding(3) var<storage, read_write> sums: array<u32>;

var<workgroup> partial: array<vec3u, lanes>;

fn hsv_of(rgb: u32) -> vec3i {
  let r = i32(rgb & 0xff);
  let g = i32((rgb >> 8) & 0xff);
  let b = i32((rgb >> 16) & 0xff);
  let value = max(r, max(g, b));
  let chroma = value - min(r, min(g, b));
  let saturation = (chroma * divisors[value] + 2048) >> 12;
  let sector = select(select(r - g + 4 * chroma, b - r + 2 * chroma, value == g), g - b, value == r);
  let hue = (sector * divisors[256 + chroma] + 2048) >> 12;
  return vec3i(select(hue, hue + 180, hue < 0), saturation, value);
}

fn difference(a: u32, b: u32) -> vec3u {
  return vec3u(abs(hsv_of(a) - hsv_of(b)));
}

@compute @workgroup_size(lanes)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let pair = flat_index(workgroup, workgroups);
  if (pair >= params.pair_count) { return; }
  let words = 3 * params.group_count;
  var sum = vec3u(0);
  for (var group = lane; group < params.group_count; group += lanes) {
    let at = pair * words + 3 * group;
    let a = vec3u(frames[at], frames[at + 1], frames[at + 2]);
    let b = vec3u(frames[at + words], frames[at + words + 1], frames[at + words + 2]);
    sum += difference(a.x, b.x);
    sum += difference((a.x >> 24) | (a.y << 8), (b.x >> 24) | (b.y << 8));
    sum += difference((a.y >> 16) | (a.z << 16), (b.y >> 16) | (b.z << 16));
    sum += difference(a.z >> 8, b.z >> 8);
  }
  partial[lane] = sum;
  workgroupBarrier();
  for (var width = lanes / 2; width > 0; width /= 2) {
    if (lane < width) { partial[lane] += partial[lane + width]; }
    workgroupBarrier();
  }
  if (lane < 3) { sums[3 * pair + lane] = partial[0][lane]; }
}
