// Reads each row once and adds it to a sum; memory limits it.
import { recordKmeansSum } from "../src/kernels/kmeans_sum.ts";
import { kmeansSum } from "../src/reference/kmeans_sum.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, clusterCount, dim] = quick ? [1000, 10, 64] : [20_000, 1000, 512];
  const sliceCount = quick ? 2 : 20;
  const values = benchValues(rowCount * dim, 1);
  const labelValues = Uint32Array.from({ length: rowCount }, (_, row) => (row * 7919) % clusterCount);
  const row = await measure(gpu, (scope) => {
    const sums = scope.buffer("bench.sums", sliceCount * clusterCount * dim * 4);
    const counts = scope.buffer("bench.counts", sliceCount * clusterCount * 4);
    const rows = scope.upload("bench.rows", values);
    const labels = scope.upload("bench.labels", labelValues);
    const shape = { rowCount, dim, clusterCount, sliceCount, firstRow: 0 };
    return {
      name: "kmeans_sum",
      size: `${rowCount} x ${dim}, k ${clusterCount}`,
      quick,
      bytes: 3 * rowCount * dim * 4,
      run: () =>
        gpu.submit("bench", (recorder) => {
          recorder.clear(sums);
          recorder.clear(counts);
          recordKmeansSum(recorder, { ...shape, rows, labels, sums, counts });
        }),
      check: async () => {
        const expected = kmeansSum(values, labelValues, clusterCount, dim, { sliceCount });
        return closeTo(await gpu.readFloats(sums, expected.sums.length), expected.sums, 1e-4);
      },
    };
  });
  return [row];
};
