// An 8 x 8 tile of dot products in registers: 8 rows of a panel of `left` with 8 rows of a panel of `right`, the vec4f
// storage buffers of the importing shader (layout: panel_pack.wgsl). `left_at` and `right_at` index the first of the two
// vec4f that hold a tile's rows for dimension 0. The result is sums[2 * left row + half], four right rows in each.
// No workgroup memory: software adapters gain nothing from it. The loop stays rolled and the sums have names, or they spill.
fn dot_tile(left_at: u32, right_at: u32, dim: u32) -> array<vec4f, 16> {
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
    let c = right[r];
    let d = right[r + 1];
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
