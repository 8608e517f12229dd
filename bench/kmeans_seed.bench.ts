// Hashes and compares once per row; memory limits it.
import { readPicks, recordKmeansSeed } from "../src/kernels/kmeans_seed.ts";
import { kmeansSeed } from "../src/reference/kmeans_seed.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const rowCount = quick ? 10_000 : 1_000_000;
  const values = benchValues(rowCount, 1).map(Math.abs);
  const params = { seed: 42, round: 1, scale: 4000 / rowCount, firstRow: 0 };
  const row = await measure(gpu, (scope) => {
    const distances = scope.upload("bench.distances", values);
    const pickCount = scope.buffer("bench.pick_count", 4);
    const picks = scope.buffer("bench.picks", rowCount * 4);
    return {
      name: "kmeans_seed",
      size: `${rowCount}`,
      quick,
      bytes: rowCount * 4,
      run: () =>
        gpu.submit("bench", (recorder) => {
          recorder.clear(pickCount);
          recordKmeansSeed(recorder, { ...params, distances, rowCount, pickCount, picks });
        }),
      check: async () => closeTo(await readPicks(gpu, pickCount, picks), kmeansSeed(values, params), 0),
    };
  });
  return [row];
};
