// After half_begin.wgsl: adds the blocks of 16 dimensions `block` and `block` + 1. What is carried over next, from the index `next`
// of `right`, is loaded before they are worked and kept after them.
    let next_00 = right[next];
    let next_01 = right[next + blocks * 128];
    let next_10 = right[next + 128];
    let next_11 = right[next + blocks * 128 + 128];
    {
      const b = 0u;
#import inline/half_step
    }
    {
      const b = 1u;
#import inline/half_step
    }
    workgroupBarrier();
    keep_right(carried, next_00);
    keep_right(carried + 2560, next_01);
    keep_right(carried + 16, next_10);
    keep_right(carried + 2576, next_11);
    workgroupBarrier();
