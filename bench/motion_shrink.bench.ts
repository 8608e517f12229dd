// Reads 4 bytes for each pixel and writes one: what memory gives is the limit.
import { motionShrink, recordMotionShrink } from "../src/kernels/motion_shrink.ts";
import { motionShrink as reference } from "../src/reference/motion_shrink.ts";
import { type Bench, measure } from "./harness.ts";
import { benchFrames } from "./motion_data.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [frameCount, width, height] = quick ? [2, 64, 32] : [40, 448, 256];
  const values = benchFrames(frameCount, width, height);
  return [
    await measure(gpu, (scope) => {
      const frames = scope.upload("bench.frames", values);
      const halves = scope.buffer("bench.halves", values.length);
      return {
        name: "motion_shrink",
        size: `${frameCount} frames of ${width} x ${height}`,
        quick,
        bytes: values.length * 5,
        run: () =>
          gpu.submit("bench", (recorder) =>
            recordMotionShrink(recorder, { frames, halves, frameCount, width, height }),
          ),
        check: async () => {
          const sample = values.subarray(0, 2 * width * height);
          const [actual, expected] = [
            await motionShrink(gpu, sample, width, height),
            reference(sample, width, height),
          ];
          return expected.every((value, i) => value === actual[i]);
        },
      };
    }),
  ];
};
