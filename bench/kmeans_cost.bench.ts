// Reads one value per row; memory limits it.
import { recordKmeansCost } from "../src/kernels/kmeans_cost.ts";
import { kmeansCost } from "../src/reference/kmeans_cost.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const rowCount = quick ? 10_000 : 1_000_000;
  const values = benchValues(rowCount, 1).map(Math.abs);
  const row = await measure(gpu, (scope) => {
    const distances = scope.upload("bench.distances", values);
    const partialCount = Math.ceil(rowCount / 1024);
    const partials = scope.buffer("bench.partials", partialCount * 4);
    return {
      name: "kmeans_cost",
      size: `${rowCount}`,
      quick,
      bytes: rowCount * 4,
      run: () =>
        gpu.submit("bench", (recorder) =>
          recordKmeansCost(recorder, { distances, rowCount, partials, firstPartial: 0 }),
        ),
      check: async () => closeTo(await gpu.readFloats(partials, partialCount), kmeansCost(values), 0, 1e-5),
    };
  });
  return [row];
};
