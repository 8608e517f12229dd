// An 8 x 8 tile of dot products in registers: 8 rows of a panel of `left` with 8 rows of a panel of `right`, the vec4f
// storage buffers of the importing shader (layout: panel_pack.wgsl). `left_at` and `right_at` index the first of the two
// vec4f that hold a tile's rows for dimension 0. The result is sums[2 * left row + half], four right rows in each.
// No workgroup memory: software adapters gain nothing from it. The loop stays rolled and the sums have names, or they spill.
// LANES8 is for adapters whose subgroups are 8 consecutive invocations with one `right_at` among them: each loads one of
// the 8 right rows and all get it by broadcast, as loads are what costs there. `lane8` is the place in the subgroup.
fn dot_tile(left_at: u32, right_at: u32, dim: u32, lane8: u32) -> array<vec4f, 16> {
  var l = left_at;
  var r = right_at;
  var s0 = vec4f();
  var t0 = vec4f();
  var s1 = vec4f();
  var t1 = vec4f();
  var s2 = vec4f();
  var t2 = vec4f();
  var s3 = vec4f();
  var t3 = vec4f();
  var s4 = vec4f();
  var t4 = vec4f();
  var s5 = vec4f();
  var t5 = vec4f();
  var s6 = vec4f();
  var t6 = vec4f();
  var s7 = vec4f();
  var t7 = vec4f();
  for (var i = 0u; i < dim; i++) {
    let a = left[l];
    let b = left[l + 1];
#ifdef LANES8
    let value = right[r + lane8 / 4][lane8 % 4];
    let c = vec4f(
      subgroupBroadcast(value, 0u),
      subgroupBroadcast(value, 1u),
      subgroupBroadcast(value, 2u),
      subgroupBroadcast(value, 3u),
    );
    let d = vec4f(
      subgroupBroadcast(value, 4u),
      subgroupBroadcast(value, 5u),
      subgroupBroadcast(value, 6u),
      subgroupBroadcast(value, 7u),
    );
#else
    let c = right[r];
    let d = right[r + 1];
#endif
    s0 += a.x * c;
    t0 += a.x * d;
    s1 += a.y * c;
    t1 += a.y * d;
    s2 += a.z * c;
    t2 += a.z * d;
    s3 += a.w * c;
    t3 += a.w * d;
    s4 += b.x * c;
    t4 += b.x * d;
    s5 += b.y * c;
    t5 += b.y * d;
    s6 += b.z * c;
    t6 += b.z * d;
    s7 += b.w * c;
    t7 += b.w * d;
    l += 16;
    r += 16;
  }
  return array<vec4f, 16>(s0, t0, s1, t1, s2, t2, s3, t3, s4, t4, s5, t5, s6, t6, s7, t7);
}
