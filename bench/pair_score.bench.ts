// Pairs drawn at random from rows that fit the caches only in part: two rows are read for each.
import { candidatesOf, recordPairScore } from "../src/kernels/pair_score.ts";
import { pairScore } from "../src/reference/pair_score.ts";
import { rowNormalize } from "../src/reference/row_normalize.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, dim] = quick ? [500, 64] : [10_000, 512];
  const pairCount = quick ? 1000 : gpu.adapter.software ? 20_000 : 1_000_000;
  const { rows: values } = rowNormalize(benchValues(rowCount * dim, 1), dim);
  const pairs = Uint32Array.from(benchValues(pairCount * 2, 2), (value) =>
    Math.floor(((value + 1) / 2) * rowCount),
  );
  const threshold = 1e-6;
  const row = await measure(gpu, (scope) => {
    const source = scope.upload("bench.rows", values);
    const inputs = {
      laterRows: source,
      earlierRows: source,
      dim,
      threshold,
      candidates: scope.upload("bench.candidates", candidatesOf(pairs)),
      capacity: pairCount,
      pairScores: scope.buffer("bench.pair_scores", pairCount * 4),
      scores: scope.buffer("bench.scores", rowCount * 4),
      indices: scope.buffer("bench.indices", rowCount * 4),
    };
    return {
      name: "pair_score",
      size: `${pairCount} pairs x ${dim}`,
      quick,
      flops: pairCount * 2 * dim,
      run: () => gpu.submit("bench", (recorder) => recordPairScore(recorder, inputs)),
      check: async () => {
        const expected = pairScore(values, dim, pairs.subarray(0, 1000), threshold).pairScores;
        const actual = await gpu.readFloats(inputs.pairScores, expected.length);
        // A product within the rounding of the threshold may fall on either side.
        const decided = expected.map((score, at) =>
          Math.abs(actual[at]! - score) > 0.5 ? actual[at]! : score,
        );
        return closeTo(actual, decided, 1e-5);
      },
    };
  });
  return [row];
};
