// The sums of this subgroup's 64 x 64 quarter: matrices sum_RC of 16 x 16, R row, C column.
  var sum_00 = subgroup_matrix_result<f32, 16, 16>(); var sum_01 = subgroup_matrix_result<f32, 16, 16>();
  var sum_02 = subgroup_matrix_result<f32, 16, 16>(); var sum_03 = subgroup_matrix_result<f32, 16, 16>();
  var sum_10 = subgroup_matrix_result<f32, 16, 16>(); var sum_11 = subgroup_matrix_result<f32, 16, 16>();
  var sum_12 = subgroup_matrix_result<f32, 16, 16>(); var sum_13 = subgroup_matrix_result<f32, 16, 16>();
  var sum_20 = subgroup_matrix_result<f32, 16, 16>(); var sum_21 = subgroup_matrix_result<f32, 16, 16>();
  var sum_22 = subgroup_matrix_result<f32, 16, 16>(); var sum_23 = subgroup_matrix_result<f32, 16, 16>();
  var sum_30 = subgroup_matrix_result<f32, 16, 16>(); var sum_31 = subgroup_matrix_result<f32, 16, 16>();
  var sum_32 = subgroup_matrix_result<f32, 16, 16>(); var sum_33 = subgroup_matrix_result<f32, 16, 16>();
