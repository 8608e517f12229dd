// Pairs of which each is one of its later row's best: every one is an atomic minimum.
import { candidatesOf } from "../src/kernels/pair_score.ts";
import { recordPairSettle } from "../src/kernels/pair_settle.ts";
import { pairSettle } from "../src/reference/pair_settle.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const rowCount = quick ? 500 : 100_000;
  const pairCount = quick ? 1000 : 1_000_000;
  const pairs = Uint32Array.from(benchValues(pairCount * 2, 2), (value) =>
    Math.floor(((value + 1) / 2) * rowCount),
  );
  const pairScores = new Float32Array(pairCount).fill(1);
  const scores = new Float32Array(rowCount).fill(1);
  const own = new Uint32Array(rowCount).fill(0xffffffff);
  const row = await measure(gpu, (scope) => {
    const inputs = {
      earlierFirst: 0,
      candidates: scope.upload("bench.candidates", candidatesOf(pairs)),
      capacity: pairCount,
      pairScores: scope.upload("bench.pair_scores", pairScores),
      scores: scope.upload("bench.scores", scores),
      indices: scope.upload("bench.indices", own),
    };
    return {
      name: "pair_settle",
      size: `${pairCount} pairs`,
      quick,
      bytes: pairCount * 20,
      run: () => gpu.submit("bench", (recorder) => recordPairSettle(recorder, inputs)),
      check: async () =>
        closeTo(await gpu.readUints(inputs.indices, rowCount), pairSettle(pairs, pairScores, scores, own), 0),
    };
  });
  return [row];
};
