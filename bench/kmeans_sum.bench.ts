// Reads each row once and adds it to the sum of its cluster; memory limits it.
import { planSlices } from "../src/dedup/chunk_plan.ts";
import { recordKmeansSum, squaresByteLength } from "../src/kernels/kmeans_sum.ts";
import { labelSortBuffers, recordLabelSort } from "../src/kernels/label_sort.ts";
import { kmeansSum } from "../src/reference/kmeans_sum.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";
import { labelSizes, skewedLabels } from "./labels.ts";

export const run: Bench = async (gpu, { quick }) => {
  const dim = 512;
  // Rows of one binding, as in a chunk of k-means.
  const largest = Math.floor(gpu.maxBindingBytes / (dim * 4));
  const rows = [];
  for (const [wanted, clusterCount] of labelSizes(gpu, quick)) {
    const rowCount = Math.min(wanted, largest);
    const values = benchValues(rowCount * dim, 1);
    const centers = benchValues(clusterCount * dim, 2);
    const labelValues = skewedLabels(rowCount, clusterCount);
    const slices = planSlices({ rowCount, chunkRows: rowCount, dim }, clusterCount, gpu.maxBindingBytes);
    rows.push(
      await measure(gpu, (scope) => {
        const { sliceCount } = slices;
        const sort = labelSortBuffers(scope, rowCount, clusterCount);
        const buffers = {
          rows: scope.upload("bench.rows", values),
          centroids: scope.upload("bench.centroids", centers),
          sums: scope.buffer("bench.sums", sliceCount * clusterCount * dim * 4),
          counts: scope.buffer("bench.counts", sliceCount * clusterCount * 4),
          squares: scope.buffer("bench.squares", squaresByteLength(sliceCount, clusterCount, dim)),
        };
        const shape = { rowCount, dim, clusterCount, firstRow: 0 };
        gpu.submit("bench.sort", (recorder) =>
          recordLabelSort(recorder, {
            ...sort,
            ...shape,
            labels: scope.upload("bench.labels", labelValues),
            previous: scope.buffer("bench.previous", rowCount * 4),
            moved: scope.buffer("bench.moved", 4),
          }),
        );
        return {
          name: "kmeans_sum",
          size: `${rowCount} x ${dim}, k ${clusterCount}`,
          quick,
          bytes: rowCount * dim * 4,
          run: () =>
            gpu.submit("bench", (recorder) => {
              for (const buffer of [buffers.sums, buffers.counts, buffers.squares]) recorder.clear(buffer);
              recordKmeansSum(recorder, { ...sort, ...slices, ...shape, ...buffers });
            }),
          check: async () => {
            const sums = await gpu.readFloats(buffers.sums, sliceCount * clusterCount * dim);
            const expected = kmeansSum(values, labelValues, centers, dim, slices);
            const squares = await gpu.readFloats(
              buffers.squares,
              squaresByteLength(sliceCount, clusterCount, dim) / 4,
            );
            const squareSum = squares.reduce((sum, value) => sum + value, 0);
            return closeTo(sums, expected.sums, 1e-2) && closeTo([squareSum], [expected.squareSum], 0, 1e-6);
          },
        };
      }),
    );
  }
  return rows;
};
