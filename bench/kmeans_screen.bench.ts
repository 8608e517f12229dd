// The f16 pass of an exact assignment alone; suite kmeans measures it with the f32 work that it leaves.
import { halfRows, recordHalfPack } from "../src/kernels/half_pack.ts";
import { kmeansAssign } from "../src/kernels/kmeans_assign.ts";
import { kmeansScreen, recordKmeansScreen } from "../src/kernels/kmeans_screen.ts";
import { RowList } from "../src/kernels/row_list.ts";
import { halfNormsOf } from "./half_norms.ts";
import { type Bench, benchValues, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  // Without matrices the kernel is a plain loop for tests: a small size says all.
  const small = quick || gpu.variantOf("kmeans_screen") === "plain";
  const [rowCount, k, dim] = small ? [1000, 100, 64] : [262_144, 1000, 512];
  const values = benchValues(rowCount * dim, 1).map((value) => value * 0.07);
  const centers = benchValues(k * dim, 2).map((value) => value * 0.07);
  return [
    await measure(gpu, (scope) => {
      const rows = halfRows(scope, "bench.rows", rowCount, dim);
      const centroids = halfRows(scope, "bench.centroids", k, dim);
      const labels = scope.buffer("bench.labels", rowCount * 4);
      const list = new RowList(scope, "bench", rowCount);
      const duels = new RowList(scope, "bench.duels", rowCount, { width: 2 });
      const halfNorms = halfNormsOf(gpu, scope, centers, k, dim);
      const rowSource = scope.upload("bench.rows", values);
      const centroidSource = scope.upload("bench.centroids", centers);
      gpu.submit("bench.pack", (recorder) => {
        recordHalfPack(recorder, { rows: rowSource, rowCount, dim, ...rows });
        recordHalfPack(recorder, { rows: centroidSource, rowCount: k, dim, ...centroids });
      });
      return {
        name: "kmeans_screen",
        size: `${rowCount} x ${dim}, k ${k}`,
        quick,
        flops: 2 * rowCount * k * dim,
        run: () =>
          gpu.submit("bench", (recorder) => {
            list.recordClear(recorder);
            duels.recordClear(recorder);
            recordKmeansScreen(recorder, {
              rows,
              rowCount,
              dim,
              centroids,
              centroidCount: k,
              halfNorms,
              labels,
              list: list.buffer,
              duels: duels.buffer,
            });
          }),
        check: async () => {
          const sample = values.subarray(0, 1024 * dim);
          const screened = await kmeansScreen(gpu, sample, centers, dim);
          const exact = await kmeansAssign(gpu, sample, centers, dim);
          const doubtful = new Set([...screened.doubtful, ...screened.duels.map(([row]) => row)]);
          return screened.labels.every((label, row) => label === exact.labels[row] || doubtful.has(row));
        },
      };
    }),
  ];
};
