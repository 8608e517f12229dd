// Dot products of 8 columns that an invocation holds with a row that its subgroup of 8 brings along: each brings 4 values of
// 32, and all get them by broadcast. For software adapters, where a subgroup is a CPU's vector and loads are what costs.
// Every index is known once functions are inlined, so all that is left are multiplications and additions.
// One row at a time: its 8 sums stay in registers, and the columns come from the first cache as operands.
// The importing shader declares HeldQuads, an array of 4 f32 for each dimension that is held: value i of column c lies at
// 4 i + c % 4 of `low` or `high`. Two arrays of half the length compile several times faster than one.
struct Held {
  low: HeldQuads,
  high: HeldQuads,
}

// Of the row with columns 0 to 3, 4 to 7.
struct Sums {
  low: vec4f,
  high: vec4f,
}

// Holds 4 dimensions of a column, of which the first lies at `at`.
fn hold(quads: ptr<function, HeldQuads>, at: u32, values: vec4f) {
  (*quads)[at] = values.x;
  (*quads)[at + 4] = values.y;
  (*quads)[at + 8] = values.z;
  (*quads)[at + 12] = values.w;
}

fn quad_of(quads: ptr<function, HeldQuads>, at: u32) -> vec4f {
  return vec4f((*quads)[at], (*quads)[at + 1], (*quads)[at + 2], (*quads)[at + 3]);
}

fn add_one(sums: ptr<function, Sums>, held: ptr<function, Held>, at: u32, value: f32) {
  (*sums).low += quad_of(&(*held).low, at) * value;
  (*sums).high += quad_of(&(*held).high, at) * value;
}

fn add_four(sums: ptr<function, Sums>, held: ptr<function, Held>, at: u32, values: vec4f) {
  add_one(sums, held, at, values.x);
  add_one(sums, held, at + 4, values.y);
  add_one(sums, held, at + 8, values.z);
  add_one(sums, held, at + 12, values.w);
}

// Adds 32 dimensions, of which the first lies at `at`.
fn add_32(sums: ptr<function, Sums>, held: ptr<function, Held>, at: u32, values: vec4f) {
  add_four(sums, held, at, subgroupBroadcast(values, 0u));
  add_four(sums, held, at + 16, subgroupBroadcast(values, 1u));
  add_four(sums, held, at + 32, subgroupBroadcast(values, 2u));
  add_four(sums, held, at + 48, subgroupBroadcast(values, 3u));
  add_four(sums, held, at + 64, subgroupBroadcast(values, 4u));
  add_four(sums, held, at + 80, subgroupBroadcast(values, 5u));
  add_four(sums, held, at + 96, subgroupBroadcast(values, 6u));
  add_four(sums, held, at + 112, subgroupBroadcast(values, 7u));
}
