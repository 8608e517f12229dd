// What the arithmetic units give at most: chains of f32 multiply-adds that stay in registers, and one write to keep them.
// Sixteen chains of vec4 hide the latency of the unit; a loop turn is 16 x 4 x 2 operations.
struct Params { turns: u32, factor: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> results: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(params.factor);
  let b = vec4f(f32(id.x & 7u) * 1e-3);
  var s0 = b; var s1 = b + 1.0; var s2 = b + 2.0; var s3 = b + 3.0;
  var s4 = b + 4.0; var s5 = b + 5.0; var s6 = b + 6.0; var s7 = b + 7.0;
  var t0 = b - 1.0; var t1 = b - 2.0; var t2 = b - 3.0; var t3 = b - 4.0;
  var t4 = b - 5.0; var t5 = b - 6.0; var t6 = b - 7.0; var t7 = b - 8.0;
  for (var turn = 0u; turn < params.turns; turn++) {
    s0 = fma(s0, a, b); s1 = fma(s1, a, b); s2 = fma(s2, a, b); s3 = fma(s3, a, b);
    s4 = fma(s4, a, b); s5 = fma(s5, a, b); s6 = fma(s6, a, b); s7 = fma(s7, a, b);
    t0 = fma(t0, a, b); t1 = fma(t1, a, b); t2 = fma(t2, a, b); t3 = fma(t3, a, b);
    t4 = fma(t4, a, b); t5 = fma(t5, a, b); t6 = fma(t6, a, b); t7 = fma(t7, a, b);
  }
  results[id.x] = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + t0 + t1 + t2 + t3 + t4 + t5 + t6 + t7;
}
