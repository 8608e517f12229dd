// The first pass of frame_to_tensor alone: colour conversion and the width. Every source byte is read, rows are written.
import { frameWordCount, recordFrameToRows } from "../src/kernels/frame_to_rows.ts";
import { planAxis } from "../src/kernels/resize_plan.ts";
import { frameToRows } from "../src/reference/frame_to_rows.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [width, height, frameCount, outWidth] = quick ? [320, 180, 2, 32] : [1920, 1080, 8, 224];
  const format = { width, height, matrix: "bt709", range: "limited" } as const;
  const byteCount = width * height * 1.5;
  const frames = Array.from({ length: frameCount }, (_, seed) => ({
    ...format,
    data: Uint8Array.from(benchValues(byteCount, seed + 1), (value) => (value + 1) * 127.5),
  }));
  const row = await measure(gpu, (scope) => {
    const plan = planAxis(width, outWidth, 0, outWidth, "bilinear");
    const source = scope.buffer("bench.frames", frameCount * frameWordCount(format) * 4);
    frames.forEach(({ data }, index) => {
      gpu.write(source, index * frameWordCount(format) * 4, data);
    });
    const rows = scope.buffer("bench.rows", frameCount * 3 * height * outWidth * 4);
    const inputs = {
      format,
      frames: source,
      frameCount,
      columns: {
        taps: plan.taps,
        starts: scope.upload("bench.starts", plan.starts),
        weights: scope.upload("bench.weights", plan.weights),
      },
      outWidth,
      rowFirst: 0,
      rowCount: height,
      rows,
    };
    return {
      name: "frame_to_rows",
      size: `${frameCount} x ${width}x${height} to ${outWidth} columns`,
      quick,
      bytes: frameCount * (byteCount + 3 * height * outWidth * 4),
      run: () => gpu.submit("bench", (recorder) => recordFrameToRows(recorder, inputs)),
      check: async () =>
        closeTo(
          await gpu.readFloats(rows, 3 * height * outWidth),
          frameToRows(frames.slice(0, 1), outWidth, "bilinear"),
          1e-2,
        ),
    };
  });
  return [row];
};
