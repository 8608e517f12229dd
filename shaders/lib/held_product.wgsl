// Dot products of 8 columns that an invocation holds with two rows that its subgroup of 8 brings along: each brings 4
// values of 32, and all get them by broadcast. For software adapters, where a subgroup is a CPU's vector and loads are
// what costs. Every index is known once functions are inlined, so all that is left are multiplications and additions.
// The importing shader declares Held, an array of f32: value i of column c lies at 8 i + c.

// Of two rows with columns 0 to 3, 4 to 7.
struct Sums {
  low: vec4f,
  high: vec4f,
  next_low: vec4f,
  next_high: vec4f,
}

fn quad_of(held: ptr<function, Held>, at: u32) -> vec4f {
  return vec4f((*held)[at], (*held)[at + 1], (*held)[at + 2], (*held)[at + 3]);
}

fn add_one(sums: ptr<function, Sums>, held: ptr<function, Held>, at: u32, value: f32, next: f32) {
  let low = quad_of(held, at);
  let high = quad_of(held, at + 4);
  (*sums).low += low * value;
  (*sums).high += high * value;
  (*sums).next_low += low * next;
  (*sums).next_high += high * next;
}

fn add_four(sums: ptr<function, Sums>, held: ptr<function, Held>, at: u32, values: vec4f, next: vec4f) {
  add_one(sums, held, at, values.x, next.x);
  add_one(sums, held, at + 8, values.y, next.y);
  add_one(sums, held, at + 16, values.z, next.z);
  add_one(sums, held, at + 24, values.w, next.w);
}

fn add_32(sums: ptr<function, Sums>, held: ptr<function, Held>, at: u32, values: vec4f, next: vec4f) {
  add_four(sums, held, at, subgroupBroadcast(values, 0u), subgroupBroadcast(next, 0u));
  add_four(sums, held, at + 32, subgroupBroadcast(values, 1u), subgroupBroadcast(next, 1u));
  add_four(sums, held, at + 64, subgroupBroadcast(values, 2u), subgroupBroadcast(next, 2u));
  add_four(sums, held, at + 96, subgroupBroadcast(values, 3u), subgroupBroadcast(next, 3u));
  add_four(sums, held, at + 128, subgroupBroadcast(values, 4u), subgroupBroadcast(next, 4u));
  add_four(sums, held, at + 160, subgroupBroadcast(values, 5u), subgroupBroadcast(next, 5u));
  add_four(sums, held, at + 192, subgroupBroadcast(values, 6u), subgroupBroadcast(next, 6u));
  add_four(sums, held, at + 224, subgroupBroadcast(values, 7u), subgroupBroadcast(next, 7u));
}
