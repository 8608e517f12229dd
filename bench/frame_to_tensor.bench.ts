// Frames of 1080p to the input of an encoder, both passes; the source bytes and the first pass's rows are what moves.
import { FrameConverter, type FrameRule, planFrames } from "../src/kernels/frame_to_tensor.ts";
import { frameToTensor } from "../src/reference/frame_to_tensor.ts";
import type { YuvFrame } from "../src/types.ts";
import { type Bench, type BenchRow, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [width, height, frameCount] = quick ? [320, 180, 2] : [1920, 1080, 8];
  const rows: BenchRow[] = [];
  for (const [filter, crop, side] of [
    ["bilinear", "stretch", 128],
    ["bicubic", "center", 224],
  ] as const) {
    const outSize = quick ? 32 : side;
    const rule: FrameRule = {
      outWidth: outSize,
      outHeight: outSize,
      filter,
      crop,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    };
    const format = { width, height, matrix: "bt709", range: "limited" } as const;
    const frames = Array.from({ length: frameCount }, (_, seed) => ({ ...format, ...noise(format, seed) }));
    const converter = new FrameConverter(gpu, planFrames(format, rule), frameCount);
    converter.upload(frames);
    rows.push(
      await measure(gpu, () => ({
        name: "frame_to_tensor",
        size: `${frameCount} x ${width}x${height} to ${outSize} ${filter}`,
        quick,
        bytes:
          frameCount * (converter.plan.frameBytes + 2 * converter.plan.rowBytes + converter.plan.tensorBytes),
        run: () => converter.submit(frameCount),
        check: async () => closeTo(await converter.read(1), frameToTensor(frames.slice(0, 1), rule), 1e-4),
      })),
    );
    converter.destroy();
  }
  return rows;
};

/** Bytes of a frame, every code as likely as any other. */
function noise({ width, height }: { width: number; height: number }, seed: number): Pick<YuvFrame, "data"> {
  const byteCount = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  return { data: Uint8Array.from(benchValues(byteCount, seed + 1), (value) => (value + 1) * 127.5) };
}
