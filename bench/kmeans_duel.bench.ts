// Reads a row and two centroids for each duel.

import { recordKmeansDuel } from "../src/kernels/kmeans_duel.ts";
import { kmeansDuel as reference } from "../src/reference/kmeans_duel.ts";
import { halfNormsOf } from "./half_norms.ts";
import { type Bench, benchValues, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, k, dim] = quick ? [500, 20, 64] : [gpu.adapter.software ? 5000 : 100_000, 1000, 512];
  const values = benchValues(rowCount * dim, 1);
  const centers = benchValues(k * dim, 2);
  const before = Uint32Array.from({ length: rowCount }, (_, row) => row % k);
  const pairs = Array.from({ length: rowCount }, (_, row) => [row, (row * 7 + 1) % k] as const);
  return [
    await measure(gpu, (scope) => {
      const labels = scope.upload("bench.labels", before);
      const inputs = {
        rows: scope.upload("bench.rows", values),
        centroids: scope.upload("bench.centroids", centers),
        dim,
        halfNorms: halfNormsOf(gpu, scope, centers, k, dim),
        duels: scope.upload(
          "bench.duels",
          Uint32Array.from([Math.ceil(rowCount / 64), 1, 1, rowCount, ...pairs.flat()]),
        ),
        labels,
      };
      return {
        name: "kmeans_duel",
        size: `${rowCount} x ${dim}, k ${k}`,
        quick,
        bytes: rowCount * dim * 12,
        run: () => {
          gpu.write(labels, 0, before);
          gpu.submit("bench", (recorder) => recordKmeansDuel(recorder, inputs));
        },
        check: async () => {
          const sample = 200;
          const expected = reference(values, centers, dim, before, pairs.slice(0, sample));
          return (await gpu.readUints(labels, sample)).every((label, row) => label === expected[row]);
        },
      };
    }),
  ];
};
