// Batches of frames at the size that scenes are looked for: each frame is read twice, as the later and the earlier one.
import { hsvDivisors, hsvFrameBytes, recordHsvDifference } from "../src/kernels/hsv_difference.ts";
import { hsvDifference } from "../src/reference/hsv_difference.ts";
import { type Bench, benchValues, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [width, height, pairCount] = quick ? [64, 36, 4] : [256, 144, 256];
  const pixelCount = width * height;
  const values = benchValues((pairCount + 1) * hsvFrameBytes(pixelCount), 1);
  const bytes = Uint8Array.from(values, (value) => (value + 1) * 127.5);
  const row = await measure(gpu, (scope) => {
    const frames = scope.adopt(gpu.upload("bench.frames", bytes));
    const divisors = scope.adopt(gpu.upload("bench.divisors", hsvDivisors()));
    const sums = scope.buffer("bench.sums", 12 * pairCount);
    return {
      name: "hsv_difference",
      size: `${pairCount} x ${width}x${height}`,
      quick,
      bytes: 2 * pairCount * hsvFrameBytes(pixelCount),
      run: () =>
        gpu.submit("bench", (recorder) =>
          recordHsvDifference(recorder, { frames, divisors, sums, pairCount, pixelCount }),
        ),
      check: async () => {
        const frameBytes = hsvFrameBytes(pixelCount);
        const first = [0, 1, 2].map((i) => bytes.subarray(i * frameBytes, (i + 1) * frameBytes));
        const expected = hsvDifference(first);
        return (await gpu.readUints(sums, expected.length)).every((sum, i) => sum === expected[i]);
      },
    };
  });
  return [row];
};
