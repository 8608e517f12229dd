// Reads each value once; memory limits it.
import { recordKmeansCost } from "../src/kernels/kmeans_cost.ts";
import { kmeansCost } from "../src/reference/kmeans_cost.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const count = quick ? 10_000 : 1_000_000;
  const source = benchValues(count, 1).map(Math.abs);
  const row = await measure(gpu, (scope) => {
    const values = scope.upload("bench.values", source);
    const partialCount = Math.ceil(count / 1024);
    const partials = scope.buffer("bench.partials", partialCount * 4);
    return {
      name: "kmeans_cost",
      size: `${count}`,
      quick,
      bytes: count * 4,
      run: () =>
        gpu.submit("bench", (recorder) =>
          recordKmeansCost(recorder, { values, count, partials, firstPartial: 0 }),
        ),
      check: async () => closeTo(await gpu.readFloats(partials, partialCount), kmeansCost(source), 0, 1e-5),
    };
  });
  return [row];
};
