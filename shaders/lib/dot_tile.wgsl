// An 8 x 8 tile of dot products in registers: 8 rows of a panel of `left` with 8 rows of a panel of `right`, the vec4f
// storage buffers of the importing shader (layout: panel_pack.wgsl). `left_at` and `right_at` index the first of the two
// vec4f that hold a tile's rows for dimension 0. The result is sums[2 * left row + half], four right rows in each.
// No workgroup memory: software adapters gain nothing from it. The loop stays rolled, or they spill.
// `lane8`: see inline/dot_step.wgsl.
fn dot_tile(left_at: u32, right_at: u32, dim: u32, lane8: u32) -> array<vec4f, 16> {
  var l = left_at;
  var r = right_at;
#import inline/dot_sums
  for (var i = 0u; i < dim; i++) {
#import inline/dot_step
  }
  return array<vec4f, 16>(s0, t0, s1, t1, s2, t2, s3, t3, s4, t4, s5, t5, s6, t6, s7, t7);
}
