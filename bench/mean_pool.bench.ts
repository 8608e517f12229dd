// Frame embeddings to clip embeddings; every row is read once, so memory limits it.
import { recordMeanPool } from "../src/kernels/mean_pool.ts";
import { meanPool } from "../src/reference/mean_pool.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [groupCount, framesPerGroup, dim] = quick ? [50, 8, 64] : [4000, 8, 512];
  const values = benchValues(groupCount * framesPerGroup * dim, 1);
  const starts = Uint32Array.from({ length: groupCount + 1 }, (_, group) => group * framesPerGroup);
  const row = await measure(gpu, (scope) => {
    const means = scope.buffer("bench.means", groupCount * dim * 4);
    const inputs = {
      rows: scope.upload("bench.rows", values),
      offsets: scope.upload("bench.offsets", starts),
      means,
      groupCount,
      dim,
    };
    return {
      name: "mean_pool",
      size: `${groupCount} x ${framesPerGroup} x ${dim}`,
      quick,
      bytes: groupCount * (framesPerGroup + 1) * dim * 4,
      run: () => gpu.submit("bench", (recorder) => recordMeanPool(recorder, inputs)),
      check: async () =>
        closeTo(await gpu.readFloats(means, groupCount * dim), meanPool(values, dim, starts), 1e-5),
    };
  });
  return [row];
};
