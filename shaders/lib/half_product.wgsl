// Pasted into a function: the sums of this subgroup's 64 x 64 quarter, as the matrices sum_RC of 16 x 16 (R row, C column).
// It takes `left` (array<f16>) and `right` (array<vec4u>), storage buffers as half_pack.wgsl writes them; blocks, the
// 16-dimension blocks of a row, a multiple of 4; left_at, the index in `left` of the quarter's first row; right_at, the
// index in `right` of what this invocation carries over for block 0: half a row of 16 in each of two panels of 64; and
// half_columns, where the quarter's columns begin in a right stage, in elements. Everything has a name and a place fixed
// at compile time: matrices in arrays, or a buffer chosen at run time, cost a third to nine tenths of the speed.
  var sum_00: subgroup_matrix_result<f32, 16, 16>; var sum_01: subgroup_matrix_result<f32, 16, 16>;
  var sum_02: subgroup_matrix_result<f32, 16, 16>; var sum_03: subgroup_matrix_result<f32, 16, 16>;
  var sum_10: subgroup_matrix_result<f32, 16, 16>; var sum_11: subgroup_matrix_result<f32, 16, 16>;
  var sum_12: subgroup_matrix_result<f32, 16, 16>; var sum_13: subgroup_matrix_result<f32, 16, 16>;
  var sum_20: subgroup_matrix_result<f32, 16, 16>; var sum_21: subgroup_matrix_result<f32, 16, 16>;
  var sum_22: subgroup_matrix_result<f32, 16, 16>; var sum_23: subgroup_matrix_result<f32, 16, 16>;
  var sum_30: subgroup_matrix_result<f32, 16, 16>; var sum_31: subgroup_matrix_result<f32, 16, 16>;
  var sum_32: subgroup_matrix_result<f32, 16, 16>; var sum_33: subgroup_matrix_result<f32, 16, 16>;
  {
    let first_00 = right[right_at];
    let first_01 = right[right_at + blocks * 128];
    let first_10 = right[right_at + 128];
    let first_11 = right[right_at + blocks * 128 + 128];
    workgroupBarrier();
    keep_right(lane * 8, first_00);
    keep_right(lane * 8 + 1024, first_01);
    keep_right(lane * 8 + 2048, first_10);
    keep_right(lane * 8 + 3072, first_11);
  }
  workgroupBarrier();
  for (var block = 0u; block < blocks; block += 4) {
    {
      let next_00 = right[right_at + (block + 2) * 128];
      let next_01 = right[right_at + blocks * 128 + (block + 2) * 128];
      let next_10 = right[right_at + (block + 3) * 128];
      let next_11 = right[right_at + blocks * 128 + (block + 3) * 128];
      for (var b = 0u; b < 2; b++) {
        let left_0 = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&left, left_at + (block + b) * 1024, 16);
        let left_1 = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&left, left_at + (block + b) * 1024 + 256, 16);
        let left_2 = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&left, left_at + (block + b) * 1024 + 512, 16);
        let left_3 = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&left, left_at + (block + b) * 1024 + 768, 16);
        let right_0 = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, col_major>(&right_tile, half_columns + b * 2048, 16);
        sum_00 = subgroupMatrixMultiplyAccumulate(left_0, right_0, sum_00);
        sum_10 = subgroupMatrixMultiplyAccumulate(left_1, right_0, sum_10);
        sum_20 = subgroupMatrixMultiplyAccumulate(left_2, right_0, sum_20);
        sum_30 = subgroupMatrixMultiplyAccumulate(left_3, right_0, sum_30);
        let right_1 = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, col_major>(&right_tile, half_columns + b * 2048 + 256, 16);
        sum_01 = subgroupMatrixMultiplyAccumulate(left_0, right_1, sum_01);
        sum_11 = subgroupMatrixMultiplyAccumulate(left_1, right_1, sum_11);
        sum_21 = subgroupMatrixMultiplyAccumulate(left_2, right_1, sum_21);
        sum_31 = subgroupMatrixMultiplyAccumulate(left_3, right_1, sum_31);
        let right_2 = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, col_major>(&right_tile, half_columns + b * 2048 + 512, 16);
        sum_02 = subgroupMatrixMultiplyAccumulate(left_0, right_2, sum_02);
        sum_12 = subgroupMatrixMultiplyAccumulate(left_1, right_2, sum_12);
        sum_22 = subgroupMatrixMultiplyAccumulate(left_2, right_2, sum_22);
        sum_32 = subgroupMatrixMultiplyAccumulate(left_3, right_2, sum_32);
        let right_3 = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, col_major>(&right_tile, half_columns + b * 2048 + 768, 16);
        sum_03 = subgroupMatrixMultiplyAccumulate(left_0, right_3, sum_03);
        sum_13 = subgroupMatrixMultiplyAccumulate(left_1, right_3, sum_13);
        sum_23 = subgroupMatrixMultiplyAccumulate(left_2, right_3, sum_23);
        sum_33 = subgroupMatrixMultiplyAccumulate(left_3, right_3, sum_33);
      }
      keep_right(lane * 8 + 4096, next_00);
      keep_right(lane * 8 + 5120, next_01);
      keep_right(lane * 8 + 6144, next_10);
      keep_right(lane * 8 + 7168, next_11);
    }
    workgroupBarrier();
    {
      let after = min(block + 4, blocks - 2);
      let next_00 = right[right_at + after * 128];
      let next_01 = right[right_at + blocks * 128 + after * 128];
      let next_10 = right[right_at + (after + 1) * 128];
      let next_11 = right[right_at + blocks * 128 + (after + 1) * 128];
      for (var b = 0u; b < 2; b++) {
        let left_0 = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&left, left_at + (block + 2 + b) * 1024, 16);
        let left_1 = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&left, left_at + (block + 2 + b) * 1024 + 256, 16);
        let left_2 = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&left, left_at + (block + 2 + b) * 1024 + 512, 16);
        let left_3 = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&left, left_at + (block + 2 + b) * 1024 + 768, 16);
        let right_0 = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, col_major>(&right_tile, half_columns + b * 2048 + 4096, 16);
        sum_00 = subgroupMatrixMultiplyAccumulate(left_0, right_0, sum_00);
        sum_10 = subgroupMatrixMultiplyAccumulate(left_1, right_0, sum_10);
        sum_20 = subgroupMatrixMultiplyAccumulate(left_2, right_0, sum_20);
        sum_30 = subgroupMatrixMultiplyAccumulate(left_3, right_0, sum_30);
        let right_1 = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, col_major>(&right_tile, half_columns + b * 2048 + 4352, 16);
        sum_01 = subgroupMatrixMultiplyAccumulate(left_0, right_1, sum_01);
        sum_11 = subgroupMatrixMultiplyAccumulate(left_1, right_1, sum_11);
        sum_21 = subgroupMatrixMultiplyAccumulate(left_2, right_1, sum_21);
        sum_31 = subgroupMatrixMultiplyAccumulate(left_3, right_1, sum_31);
        let right_2 = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, col_major>(&right_tile, half_columns + b * 2048 + 4608, 16);
        sum_02 = subgroupMatrixMultiplyAccumulate(left_0, right_2, sum_02);
        sum_12 = subgroupMatrixMultiplyAccumulate(left_1, right_2, sum_12);
        sum_22 = subgroupMatrixMultiplyAccumulate(left_2, right_2, sum_22);
        sum_32 = subgroupMatrixMultiplyAccumulate(left_3, right_2, sum_32);
        let right_3 = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, col_major>(&right_tile, half_columns + b * 2048 + 4864, 16);
        sum_03 = subgroupMatrixMultiplyAccumulate(left_0, right_3, sum_03);
        sum_13 = subgroupMatrixMultiplyAccumulate(left_1, right_3, sum_13);
        sum_23 = subgroupMatrixMultiplyAccumulate(left_2, right_3, sum_23);
        sum_33 = subgroupMatrixMultiplyAccumulate(left_3, right_3, sum_33);
      }
      keep_right(lane * 8, next_00);
      keep_right(lane * 8 + 1024, next_01);
      keep_right(lane * 8 + 2048, next_10);
      keep_right(lane * 8 + 3072, next_11);
    }
    workgroupBarrier();
  }
