// After half_begin.wgsl: adds the four blocks of 16 dimensions from block `even` on, in two stages. The next stage is loaded
// before one is worked and kept after it.
  {
    const stage = 0u;
    let block = even;
    let next = right_at + (even + 2) * 128;
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
    keep_right(lane * 8 + (1 - stage) * 4096, next_00);
    keep_right(lane * 8 + (1 - stage) * 4096 + 1024, next_01);
    keep_right(lane * 8 + (1 - stage) * 4096 + 2048, next_10);
    keep_right(lane * 8 + (1 - stage) * 4096 + 3072, next_11);
  }
  workgroupBarrier();
  {
    const stage = 1u;
    let block = even + 2;
    let next = right_at + (min(even + 4, blocks - 2)) * 128;
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
    keep_right(lane * 8 + (1 - stage) * 4096, next_00);
    keep_right(lane * 8 + (1 - stage) * 4096 + 1024, next_01);
    keep_right(lane * 8 + (1 - stage) * 4096 + 2048, next_10);
    keep_right(lane * 8 + (1 - stage) * 4096 + 3072, next_11);
  }
  workgroupBarrier();
