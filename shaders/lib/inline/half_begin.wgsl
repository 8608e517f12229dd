// Loads the first stage of a 128 x 128 tile of f16 dot products; half_stage.wgsl then adds 32 dimensions at a time to the sums of
// this subgroup, the matrices sum_RC of 16 x 16: R the upper or lower 16 of its 32 rows, C one of 8 times 16 columns.
// Both take `left` (array<f16>) and `right` (array<vec4u>), storage buffers as half_pack.wgsl writes them; blocks, the
// 16-dimension blocks of a row, a multiple of 4; left_at, the index in `left` of the subgroup's first row; right_at, the
// index in `right` of what this invocation carries over for block 0: half a row of 16 in each of two panels of 64; and
// carried, carried_to(lane). Everything has a name and a place fixed at compile time: matrices in arrays, or a buffer
// chosen at run time, cost a third to nine tenths of the speed.
  {
    let first_00 = right[right_at];
    let first_01 = right[right_at + blocks * 128];
    let first_10 = right[right_at + 128];
    let first_11 = right[right_at + blocks * 128 + 128];
    keep_right(carried, first_00);
    keep_right(carried + 2560, first_01);
    keep_right(carried + 16, first_10);
    keep_right(carried + 2576, first_11);
  }
  workgroupBarrier();
