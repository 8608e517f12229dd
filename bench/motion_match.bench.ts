// Pairs of frames at the finest level of the search, around no motion and around a parent: 2 x 25 displacements of each
// block, each 64 differences of three operations. Arithmetic limits it.
import { motionBlockCount, motionMatch, recordMotionMatch } from "../src/kernels/motion_match.ts";
import { motionMatch as reference } from "../src/reference/motion_match.ts";
import { type Bench, closeTo, measure } from "./harness.ts";
import { benchFrames } from "./motion_data.ts";

const radius = 2;

export const run: Bench = async (gpu, { quick }) => {
  const [pairCount, width, height] = quick ? [1, 64, 32] : [20, 448, 256];
  const values = benchFrames(2 * pairCount, width, height);
  const blockCount = motionBlockCount(pairCount, width, height);
  const parentValues = new Float32Array(blockCount / 2).map((_, i) => (i % 2 === 0 ? 1.5 : -1));
  return [
    await measure(gpu, (scope) => {
      const frames = scope.upload("bench.frames", values);
      const parents = scope.upload("bench.parents", parentValues);
      const displacements = scope.buffer("bench.displacements", blockCount * 8);
      const states = scope.buffer("bench.states", blockCount * 4);
      return {
        name: "motion_match",
        size: `${pairCount} pairs of ${width} x ${height}`,
        quick,
        flops: 2 * (2 * radius + 1) ** 2 * 3 * pairCount * width * height,
        run: () =>
          gpu.submit("bench", (recorder) =>
            recordMotionMatch(recorder, {
              ...{ frames, pairCount, width, height, radius },
              ...{ parents, displacements, states },
            }),
          ),
        check: async () => {
          const sample = values.subarray(0, 2 * width * height);
          const above = parentValues.subarray(0, blockCount / pairCount / 2);
          const [actual, expected] = [
            await motionMatch(gpu, sample, width, height, radius, above),
            reference(sample, width, height, radius, above),
          ];
          return closeTo(actual.displacements, expected.displacements, 1e-4);
        },
      };
    }),
  ];
};
