// How each block of 8 x 8 pixels moved between the two frames of a pair. Full search around no motion and around what was
// found on frames of half the size (hierarchical block matching: Bierling 1988), then one step of least squares for the
// fraction of a pixel (Lucas and Kanade 1981). One invocation per block.
// The cost of a displacement is 64 times the sum of squared differences after the mean of the difference is taken off, so
// that light which changes is not motion; it is a whole number, exact. Blocks without structure match by chance wherever
// noise is lowest: any displacement must explain the block far better than none, and a fraction must be significant.
#import flat_index

override WORKGROUP_SIZE: u32 = 64;

struct Params {
  block_count: u32,
  width: u32,
  height: u32,
  radius: u32,
  has_parents: u32,
  // SIDE again, for loops that a compiler must not unroll: Mesa's takes a minute over them.
  loop_side: i32,
}

@group(0) @binding(0) var<uniform> params: Params;
// Pairs of frames, the earlier one first, one value for each pixel.
@group(0) @binding(1) var<storage, read> frames: array<u32>;
@group(0) @binding(2) var<storage, read> parents: array<f32>;
@group(0) @binding(3) var<storage, read_write> displacements: array<f32>;
@group(0) @binding(4) var<storage, read_write> states: array<u32>;

const SIDE = 8;
const PIXELS = SIDE * SIDE;
// A difference of half a level of grey, and of two: what cannot be told from rounding, and the least that is structure.
const NOISE_COST = PIXELS * PIXELS / 4;
const STRUCTURE_COST = 4 * PIXELS * PIXELS;
// The least of hundreds of costs that differ by noise alone is about 0.45 of their mean.
const GAIN_OF_SEARCH = 2.5;
// A fit of two parameters to 64 values takes off more than this share of their noise once in some thousand blocks.
const GAIN_OF_FIT = 0.3;
// Along an edge the fit knows nothing: this much of the gradient's energy is added to both directions.
const DAMPING = 0.02;

const FLAT = 0u;
const MATCHED = 1u;
const LOST = 2u;

struct Place {
  earlier: i32,
  later: i32,
  corner: vec2i,
}

fn pixel(frame: i32, x: i32, y: i32) -> i32 {
  let width = i32(params.width);
  return i32(frames[frame + clamp(y, 0, i32(params.height) - 1) * width + clamp(x, 0, width - 1)]);
}

fn cost_of(at: Place, step: vec2i) -> i32 {
  let width = i32(params.width);
  let from_corner = at.corner - step;
  var sum = 0;
  var squares = 0;
  for (var y = 0; y < params.loop_side; y++) {
    let row = at.later + (at.corner.y + y) * width + at.corner.x;
    let from_row = at.earlier + clamp(from_corner.y + y, 0, i32(params.height) - 1) * width;
    for (var x = 0; x < SIDE; x++) {
      let difference =
        i32(frames[row + x]) - i32(frames[from_row + clamp(from_corner.x + x, 0, width - 1)]);
      sum += difference;
      squares += difference * difference;
    }
  }
  return PIXELS * squares - sum * sum;
}

struct Match {
  step: vec2i,
  cost: i32,
}

// The best of no motion, all steps of up to `radius` around it, and those around `centre`; the first of equals.
// No motion unless another explains the block far better.
fn search(at: Place, centre: vec2i) -> Match {
  let radius = i32(params.radius);
  let row_length = 2 * radius + 1;
  let window = row_length * row_length;
  let count = select(2 * window, window, all(centre == vec2i(0)));
  var still = 0;
  var best = Match(vec2i(0), 0);
  // One loop with one call in it, as each call is another copy of its code. Number -1 is no motion.
  for (var i = -1; i < count; i++) {
    let place = i % window;
    var step = vec2i(place % row_length, place / row_length) - radius;
    if (i >= window) { step += centre; }
    if (i < 0) { step = vec2i(0); }
    let cost = cost_of(at, step);
    if (i < 0) { still = cost; }
    if (i < 0 || cost < best.cost) { best = Match(step, cost); }
  }
  if (f32(still) <= GAIN_OF_SEARCH * f32(best.cost) + f32(NOISE_COST)) { return Match(vec2i(0), still); }
  return best;
}

struct Fit {
  shift: vec2f,
  // Cost that the shift takes off.
  gain: f32,
  // Cost of the later block against a flat one.
  structure: f32,
}

// The fraction of a pixel that is left after `step`. Gradients are those of both frames, so that noise in one of them
// does not shorten the result. All sums are whole and below 2^31.
fn fit_fraction(at: Place, step: vec2i) -> Fit {
  var slopes = vec2i(0);
  var squares = vec2i(0);
  var product = 0;
  var differences = 0;
  var toward = vec2i(0);
  var level = 0;
  var level_squares = 0;
  for (var y = 0; y < params.loop_side; y++) {
    for (var x = 0; x < params.loop_side; x++) {
      let here = at.corner + vec2i(x, y);
      let there = here - step;
      let slope = vec2i(
        pixel(at.later, here.x + 1, here.y) - pixel(at.later, here.x - 1, here.y)
          + pixel(at.earlier, there.x + 1, there.y) - pixel(at.earlier, there.x - 1, there.y),
        pixel(at.later, here.x, here.y + 1) - pixel(at.later, here.x, here.y - 1)
          + pixel(at.earlier, there.x, there.y + 1) - pixel(at.earlier, there.x, there.y - 1),
      );
      let value = pixel(at.later, here.x, here.y);
      let difference = pixel(at.earlier, there.x, there.y) - value;
      slopes += slope;
      squares += slope * slope;
      product += slope.x * slope.y;
      differences += difference;
      toward += slope * difference;
      level += value;
      level_squares += value * value;
    }
  }
  // `slope` is four times the gradient.
  let energy = vec2f(PIXELS * squares - slopes * slopes) / 16.0;
  let mixed = f32(PIXELS * product - slopes.x * slopes.y) / 16.0;
  let right = vec2f(PIXELS * toward - slopes * differences) / 4.0;
  let damped = energy + (energy.x + energy.y) * DAMPING + 1.0;
  let determinant = damped.x * damped.y - mixed * mixed;
  let shift = clamp((right * damped.yx - right.yx * mixed) / determinant, vec2f(-1.0), vec2f(1.0));
  return Fit(shift, dot(right, shift), f32(PIXELS * level_squares - level * level));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = flat_index(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (block >= params.block_count) { return; }
  let columns = params.width / u32(SIDE);
  let rows = params.height / u32(SIDE);
  let column = block % columns;
  let row = block / columns % rows;
  let pair = block / columns / rows;
  let frame_size = i32(params.width * params.height);
  let at = Place(2 * i32(pair) * frame_size, (2 * i32(pair) + 1) * frame_size, SIDE * vec2i(vec2u(column, row)));

  var centre = vec2i(0);
  if (params.has_parents == 1) {
    let parent = (pair * (rows / 2) + row / 2) * (columns / 2) + column / 2;
    centre = vec2i(floor(2.0 * vec2f(parents[2 * parent], parents[2 * parent + 1]) + 0.5));
  }
  let best = search(at, centre);
  let rest = fit_fraction(at, best.step);
  let significant = rest.gain > GAIN_OF_FIT * f32(best.cost) + f32(NOISE_COST);
  let shift = select(vec2f(0.0), rest.shift, significant || any(best.step != vec2i(0)));
  displacements[2 * block] = f32(best.step.x) + shift.x;
  displacements[2 * block + 1] = f32(best.step.y) + shift.y;
  let explained = f32(best.cost) <= rest.structure / 2.0;
  states[block] = select(select(LOST, MATCHED, explained), FLAT, rest.structure <= f32(STRUCTURE_COST));
}
