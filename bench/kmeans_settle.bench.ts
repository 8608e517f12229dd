// Dot products of scattered pairs of rows and centroids: loads limit it.
import { pairsByteLength } from "../src/kernels/kmeans_prune.ts";
import { recordKmeansSettle } from "../src/kernels/kmeans_settle.ts";
import { kmeansScore } from "../src/reference/kmeans_score.ts";
import { kmeansSettle } from "../src/reference/kmeans_settle.ts";
import { halfNormsOf } from "./falling_rows.ts";
import { type Bench, benchValues, measure } from "./harness.ts";

/** Pairs of each row. */
const perRow = 16;

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, k, dim] = quick ? [500, 30, 64] : [20_000, 1000, 512];
  const values = benchValues(rowCount * dim, 1).map((value) => value * 0.05);
  const centers = benchValues(k * dim, 2).map((value) => value * 0.05);
  const halfNorms = halfNormsOf(centers, dim);
  const own = new Uint32Array(rowCount);
  const scores = Float32Array.from(kmeansScore(values, centers, own, dim));
  const blockPairs = 64 * perRow;
  const pairList = new Uint32Array(pairsByteLength(rowCount, blockPairs) / 4);
  for (let row = 0; row < rowCount; row++) {
    const start = Math.floor(row / 64) * (1 + blockPairs);
    pairList[start]! += perRow;
    for (let p = 0; p < perRow; p++)
      pairList[start + 1 + p * 64 + (row % 64)] = (1 + ((row * 7 + p * 13) % (k - 1))) * 64 + (row % 64);
  }
  // The last 64 rows are fewer: their pairs lie together like those of the others.
  const last = rowCount % 64;
  if (last > 0) {
    const start = Math.floor(rowCount / 64) * (1 + blockPairs);
    const kept = pairList.subarray(start + 1).filter((pair) => pair > 0);
    pairList.fill(0, start + 1);
    pairList.set(kept, start + 1);
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
        blockPairs,
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
          const sample = pairList.subarray(0, 1 + blockPairs);
          const expected = kmeansSettle(
            values.subarray(0, 64 * dim),
            centers,
            halfNorms,
            scores.subarray(0, 64),
            own.subarray(0, 64),
            sample,
            blockPairs,
          );
          const actual = await gpu.readUints(labels, 64);
          return expected.every((label, row) => label === actual[row]);
        },
      };
    }),
  ];
};
