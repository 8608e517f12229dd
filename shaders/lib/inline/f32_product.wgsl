// Dot products of 128 rows with 256 columns in f32, 8 x 16 for each of 256 invocations, as sums_RV:
// row R of the invocation, four columns V. It takes the storage buffers `left` and `right` (array<vec4f>, rows as they lie),
// `place` (f32_tile.wgsl), `quads`, the vec4f of a row, an even number, and at_0 to at_3, where the four rows begin that this invocation
// carries over. Stages of 8 dimensions alternate between two halves of workgroup memory, so that the next loads are under
// way while one is worked. Each sum runs over the dimensions in order in fused multiply-adds.
  var sums_00 = vec4f(); var sums_01 = vec4f(); var sums_02 = vec4f(); var sums_03 = vec4f();
  var sums_10 = vec4f(); var sums_11 = vec4f(); var sums_12 = vec4f(); var sums_13 = vec4f();
  var sums_20 = vec4f(); var sums_21 = vec4f(); var sums_22 = vec4f(); var sums_23 = vec4f();
  var sums_30 = vec4f(); var sums_31 = vec4f(); var sums_32 = vec4f(); var sums_33 = vec4f();
  var sums_40 = vec4f(); var sums_41 = vec4f(); var sums_42 = vec4f(); var sums_43 = vec4f();
  var sums_50 = vec4f(); var sums_51 = vec4f(); var sums_52 = vec4f(); var sums_53 = vec4f();
  var sums_60 = vec4f(); var sums_61 = vec4f(); var sums_62 = vec4f(); var sums_63 = vec4f();
  var sums_70 = vec4f(); var sums_71 = vec4f(); var sums_72 = vec4f(); var sums_73 = vec4f();
  var row_a = vec4f();
  var row_b = vec4f();
  var row_c = vec4f();
  var row_d = vec4f();
  let carried = place.carried_quad * 132 + place.carried_row / 4;
  let carried_right = place.carried_quad * 260 + place.carried_row / 4;
  // One stage ahead: -1 loads the first.
  for (var stage = -1; stage < i32(quads) / 2; stage++) {
    // The last stage loads one again that nobody reads.
    let quad = min(u32(stage + 1) * 2, quads - 2) + place.carried_quad;
    if (lane < 64) {
      row_a = left[at_0 + quad];
      row_b = left[at_1 + quad];
      row_c = left[at_2 + quad];
      row_d = left[at_3 + quad];
    } else if (lane < 192) {
      row_a = right[at_0 + quad];
      row_b = right[at_1 + quad];
      row_c = right[at_2 + quad];
      row_d = right[at_3 + quad];
    }
    if (stage >= 0) {
      let left_from = u32(stage) % 2 * 264 + place.row_quad;
      let right_from = u32(stage) % 2 * 520 + place.column_quad;
      {
        const i = 0u;
#import inline/f32_step
      }
      {
        const i = 1u;
#import inline/f32_step
      }
      {
        const i = 2u;
#import inline/f32_step
      }
      {
        const i = 3u;
#import inline/f32_step
      }
      {
        const i = 4u;
#import inline/f32_step
      }
      {
        const i = 5u;
#import inline/f32_step
      }
      {
        const i = 6u;
#import inline/f32_step
      }
      {
        const i = 7u;
#import inline/f32_step
      }
    }
    let next = u32(stage + 1) % 2;
    if (lane < 64) { keep_left(next * 264 + carried, row_a, row_b, row_c, row_d); }
    else if (lane < 192) { keep_right(next * 520 + carried_right, row_a, row_b, row_c, row_d); }
    workgroupBarrier();
  }
