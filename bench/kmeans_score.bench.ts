// One dot product for each row: memory and the latency of loads limit it.
import { recordKmeansScore } from "../src/kernels/kmeans_score.ts";
import { kmeansScore } from "../src/reference/kmeans_score.ts";
import { halfNormsOf } from "./half_norms.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";
import { skewedLabels } from "./labels.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, k, dim] = quick ? [1000, 30, 64] : [20_000, 1000, 512];
  const values = benchValues(rowCount * dim, 1).map((value) => value * 0.05);
  const centers = benchValues(k * dim, 2).map((value) => value * 0.05);
  const chosen = skewedLabels(rowCount, k);
  return [
    await measure(gpu, (scope) => {
      const scores = scope.buffer("bench.scores", rowCount * 4);
      const inputs = {
        rows: scope.upload("bench.rows", values),
        rowCount,
        dim,
        centroids: scope.upload("bench.centroids", centers),
        halfNorms: halfNormsOf(gpu, scope, centers, k, dim),
        labels: scope.upload("bench.labels", chosen),
        scores,
      };
      return {
        name: "kmeans_score",
        size: `${rowCount} x ${dim}`,
        quick,
        flops: 2 * rowCount * dim,
        bytes: 2 * rowCount * dim * 4,
        run: () => gpu.submit("bench", (recorder) => recordKmeansScore(recorder, inputs)),
        check: async () =>
          closeTo(await gpu.readFloats(scores, rowCount), kmeansScore(values, centers, chosen, dim), 1e-4, 0),
      };
    }),
  ];
};
