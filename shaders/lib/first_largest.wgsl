// The position, 0 to 7, of the first of eight values that equals `largest`, one of them. Selections, no indexing: a value
// that is indexed at run time would force the register tile into memory.
fn first_largest(low: vec4f, high: vec4f, largest: f32) -> u32 {
  var position = 7u;
  position = select(position, 6u, high.z == largest);
  position = select(position, 5u, high.y == largest);
  position = select(position, 4u, high.x == largest);
  position = select(position, 3u, low.w == largest);
  position = select(position, 2u, low.z == largest);
  position = select(position, 1u, low.y == largest);
  return select(position, 0u, low.x == largest);
}

fn largest_of(low: vec4f, high: vec4f) -> f32 {
  let four = max(low, high);
  return max(max(four.x, four.y), max(four.z, four.w));
}
