// Pasted into a function: dot products of 128 rows with 256 columns in f32, 8 x 16 for each of 256 invocations, as sums_RV:
// row R of the invocation, four columns V. It takes the storage buffers `left` and `right` (array<vec4f>, rows as they lie),
// `place` (f32_tile.wgsl), `quads`, the vec4f of a row, and at_0 to at_3, where the four rows begin that this invocation
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
  for (var stage = -1; stage < i32(quads + 1) / 2; stage++) {
    let quad = u32(stage + 1) * 2 + place.carried_quad;
    let loads = quad < quads;
    if (lane < 64) {
      row_a = select(vec4f(), left[at_0 + min(quad, quads - 1)], loads);
      row_b = select(vec4f(), left[at_1 + min(quad, quads - 1)], loads);
      row_c = select(vec4f(), left[at_2 + min(quad, quads - 1)], loads);
      row_d = select(vec4f(), left[at_3 + min(quad, quads - 1)], loads);
    } else if (lane < 192) {
      row_a = select(vec4f(), right[at_0 + min(quad, quads - 1)], loads);
      row_b = select(vec4f(), right[at_1 + min(quad, quads - 1)], loads);
      row_c = select(vec4f(), right[at_2 + min(quad, quads - 1)], loads);
      row_d = select(vec4f(), right[at_3 + min(quad, quads - 1)], loads);
    }
    if (stage >= 0) {
      let left_from = u32(stage) % 2 * 264 + place.row_quad;
      let right_from = u32(stage) % 2 * 520 + place.column_quad;
      for (var i = 0u; i < 8; i++) {
        let low = left_tile[left_from + i * 33];
        let high = left_tile[left_from + i * 33 + 16];
        let c0 = right_tile[right_from + i * 65];
        let c1 = right_tile[right_from + i * 65 + 16];
        let c2 = right_tile[right_from + i * 65 + 32];
        let c3 = right_tile[right_from + i * 65 + 48];
        sums_00 = fma(vec4f(low.x), c0, sums_00);
        sums_01 = fma(vec4f(low.x), c1, sums_01);
        sums_02 = fma(vec4f(low.x), c2, sums_02);
        sums_03 = fma(vec4f(low.x), c3, sums_03);
        sums_10 = fma(vec4f(low.y), c0, sums_10);
        sums_11 = fma(vec4f(low.y), c1, sums_11);
        sums_12 = fma(vec4f(low.y), c2, sums_12);
        sums_13 = fma(vec4f(low.y), c3, sums_13);
        sums_20 = fma(vec4f(low.z), c0, sums_20);
        sums_21 = fma(vec4f(low.z), c1, sums_21);
        sums_22 = fma(vec4f(low.z), c2, sums_22);
        sums_23 = fma(vec4f(low.z), c3, sums_23);
        sums_30 = fma(vec4f(low.w), c0, sums_30);
        sums_31 = fma(vec4f(low.w), c1, sums_31);
        sums_32 = fma(vec4f(low.w), c2, sums_32);
        sums_33 = fma(vec4f(low.w), c3, sums_33);
        sums_40 = fma(vec4f(high.x), c0, sums_40);
        sums_41 = fma(vec4f(high.x), c1, sums_41);
        sums_42 = fma(vec4f(high.x), c2, sums_42);
        sums_43 = fma(vec4f(high.x), c3, sums_43);
        sums_50 = fma(vec4f(high.y), c0, sums_50);
        sums_51 = fma(vec4f(high.y), c1, sums_51);
        sums_52 = fma(vec4f(high.y), c2, sums_52);
        sums_53 = fma(vec4f(high.y), c3, sums_53);
        sums_60 = fma(vec4f(high.z), c0, sums_60);
        sums_61 = fma(vec4f(high.z), c1, sums_61);
        sums_62 = fma(vec4f(high.z), c2, sums_62);
        sums_63 = fma(vec4f(high.z), c3, sums_63);
        sums_70 = fma(vec4f(high.w), c0, sums_70);
        sums_71 = fma(vec4f(high.w), c1, sums_71);
        sums_72 = fma(vec4f(high.w), c2, sums_72);
        sums_73 = fma(vec4f(high.w), c3, sums_73);
      }
    }
    let next = u32(stage + 1) % 2;
    if (lane < 64) { keep_left(next * 264 + carried, row_a, row_b, row_c, row_d); }
    else if (lane < 192) { keep_right(next * 520 + carried_right, row_a, row_b, row_c, row_d); }
    workgroupBarrier();
  }
