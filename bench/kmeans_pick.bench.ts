// Reads two words for each stretch of each listed row.
import { recordKmeansPick } from "../src/kernels/kmeans_pick.ts";
import { kmeansPick as reference } from "../src/reference/kmeans_pick.ts";
import { type Bench, benchValues, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [count, stretches] = quick ? [500, 4] : [100_000, 4];
  const before = new Uint32Array(count);
  const listed = Uint32Array.from({ length: count }, (_, at) => count - 1 - at);
  const scores = benchValues(count * stretches, 1);
  const candidates = Uint32Array.from({ length: count * stretches }, (_, at) => at);
  return [
    await measure(gpu, (scope) => {
      const labels = scope.upload("bench.labels", before);
      const inputs = {
        list: scope.upload("bench.list", Uint32Array.from([Math.ceil(count / 64), 1, 1, count, ...listed])),
        stretches,
        scores: scope.upload("bench.scores", scores),
        candidates: scope.upload("bench.candidates", candidates),
        labels,
      };
      return {
        name: "kmeans_pick",
        size: `${count} x ${stretches}`,
        quick,
        bytes: count * (stretches + 1) * 8,
        run: () => gpu.submit("bench", (recorder) => recordKmeansPick(recorder, inputs)),
        check: async () => {
          const expected = reference(before, listed, scores, candidates);
          return (await gpu.readUints(labels, count)).every((label, row) => label === expected[row]);
        },
      };
    }),
  ];
};
