// The sums of this subgroup's 32 x 128 part of a tile: matrices sum_RC of 16 x 16, R row, C column.
  var sum_00 = subgroup_matrix_result<f32, 16, 16>(); var sum_10 = subgroup_matrix_result<f32, 16, 16>();
  var sum_01 = subgroup_matrix_result<f32, 16, 16>(); var sum_11 = subgroup_matrix_result<f32, 16, 16>();
  var sum_02 = subgroup_matrix_result<f32, 16, 16>(); var sum_12 = subgroup_matrix_result<f32, 16, 16>();
  var sum_03 = subgroup_matrix_result<f32, 16, 16>(); var sum_13 = subgroup_matrix_result<f32, 16, 16>();
  var sum_04 = subgroup_matrix_result<f32, 16, 16>(); var sum_14 = subgroup_matrix_result<f32, 16, 16>();
  var sum_05 = subgroup_matrix_result<f32, 16, 16>(); var sum_15 = subgroup_matrix_result<f32, 16, 16>();
  var sum_06 = subgroup_matrix_result<f32, 16, 16>(); var sum_16 = subgroup_matrix_result<f32, 16, 16>();
  var sum_07 = subgroup_matrix_result<f32, 16, 16>(); var sum_17 = subgroup_matrix_result<f32, 16, 16>();
