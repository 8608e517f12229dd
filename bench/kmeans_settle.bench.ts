// Dot products of scattered pairs of rows and centroids: loads limit it.
import { pairsByteLength } from "../src/kernels/kmeans_prune.ts";
import { recordKmeansSettle } from "../src/kernels/kmeans_settle.ts";
import { kmeansScore } from "../src/reference/kmeans_score.ts";
import { kmeansSettle } from "../src/reference/kmeans_settle.ts";
import { halfNormArray } from "./half_norms.ts";
import { type Bench, benchValues, measure } from "./harness.ts";

/** Open centroids of each row. */
const perRow = 16;

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, k, dim] = quick ? [500, 30, 64] : [20_000, 1000, 512];
  const values = benchValues(rowCount * dim, 1).map((value) => value * 0.05);
  const centers = benchValues(k * dim, 2).map((value) => value * 0.05);
  const halfNorms = halfNormArray(centers, dim);
  const own = new Uint32Array(rowCount);
  const scores = Float32Array.from(kmeansScore(values, centers, own, dim));
  const pairList = new Uint32Array(pairsByteLength(rowCount, perRow) / 4);
  for (let row = 0; row < rowCount; row++) {
    const start = row * (1 + perRow);
    pairList[start] = perRow;
    const open = Array.from({ length: perRow }, (_, p) => 1 + ((row * 7 + p * 13) % (k - 1)));
    pairList.set(
      open.sort((a, b) => a - b),
      start + 1,
    );
  }
  return [
    await measure(gpu, (scope) => {
      const labels = scope.buffer("bench.labels", rowCount * 4);
      const inputs = {
        rows: scope.upload("bench.rows", values),
        rowCount,
        dim,
        centroids: scope.upload("bench.centroids", centers),
        halfNorms: scope.upload("bench.half_norms", halfNorms),
        scores: scope.upload("bench.scores", scores),
        labels,
        pairs: scope.upload("bench.pairs", pairList),
        rowPairs: perRow,
      };
      return {
        name: "kmeans_settle",
        size: `${rowCount} x ${dim}, ${perRow} pairs each`,
        quick,
        flops: 2 * rowCount * perRow * dim,
        run: () => gpu.submit("bench", (recorder) => recordKmeansSettle(recorder, inputs)),
        check: async () => {
          gpu.write(labels, 0, own);
          gpu.submit("bench", (recorder) => recordKmeansSettle(recorder, inputs));
          const sample = pairList.subarray(0, 64 * (1 + perRow));
          const expected = kmeansSettle(
            values.subarray(0, 64 * dim),
            centers,
            halfNorms,
            scores.subarray(0, 64),
            own.subarray(0, 64),
            sample,
            perRow,
          );
          const actual = await gpu.readUints(labels, 64);
          return expected.every((label, row) => label === actual[row]);
        },
      };
    }),
  ];
};
