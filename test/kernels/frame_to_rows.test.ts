import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { frameToRows } from "../../src/kernels/frame_to_rows.ts";
import { frameToRows as reference } from "../../src/reference/frame_to_rows.ts";
import type { ColorMatrix, ColorRange } from "../../src/types.ts";
import { expectClose } from "../support/compare.ts";
import { noiseFrame, wavesFrame } from "../support/frames.ts";
import { useGpu } from "../support/gpu.ts";

// Values up to 500 before clipping, weights that sum to 1: 32 roundings of 2^-24 in conversion, weights and sum.
const tolerance = { absolute: 500 * 32 * 2 ** -24 };

describe("frameToRows()", () => {
  const context = useGpu();

  const formats: [ColorMatrix, ColorRange][] = [
    ["bt601", "limited"],
    ["bt601", "full"],
    ["bt709", "limited"],
    ["bt709", "full"],
  ];
  test.each(formats)("converts %s %s as the float64 twin", async (matrix, range) => {
    const frames = [1, 2, 3].map((seed) => noiseFrame({ width: 17, height: 11, matrix, range }, seed));
    for (const filter of ["bilinear", "bicubic"] as const) {
      expectClose(
        await frameToRows(context.gpu, frames, 17, filter),
        reference(frames, 17, filter),
        tolerance,
      );
    }
  });

  test.each([
    [1, 1, 1],
    [1, 1, 5],
    [2, 2, 1],
    [3, 5, 2],
    [64, 3, 65],
    [257, 2, 16],
    [1920, 1, 7],
  ])("a %ix%i frame at %i columns equals the twin", async (width, height, outWidth) => {
    const frames = [noiseFrame({ width, height }, width), noiseFrame({ width, height }, height + 99)];
    for (const filter of ["bilinear", "bicubic"] as const) {
      expectClose(
        await frameToRows(context.gpu, frames, outWidth, filter),
        reference(frames, outWidth, filter),
        tolerance,
      );
    }
  });

  test("gives nothing for no frames", async () => {
    expect(await frameToRows(context.gpu, [], 4, "bilinear")).toHaveLength(0);
  });

  test.each(formats)("agrees with ffmpeg's own conversion of %s %s", async (matrix, range) => {
    const [width, height] = [64, 48];
    const frame = wavesFrame({ width, height, matrix, range }, 7);
    // The position is said, as ffmpeg takes an unmarked raw frame for centred; bicubic, as for two vertical taps it
    // rounds the chroma weights to 0, 1/2 and 1.
    const scale = [
      `in_color_matrix=${matrix}`,
      `in_range=${range}`,
      "in_h_chr_pos=0",
      "in_v_chr_pos=128",
      "flags=bicubic+full_chroma_int+accurate_rnd+bitexact",
    ].join(":");
    const rgb = execFileSync(
      "ffmpeg",
      `-v error -f rawvideo -pix_fmt yuv420p -s ${width}x${height} -i - -vf scale=${scale} -f rawvideo -pix_fmt rgb24 -`.split(
        " ",
      ),
      { input: frame.data },
    );
    const ours = await frameToRows(context.gpu, [frame], width, "bilinear");
    const pixelCount = width * height;
    let total = 0;
    let worst = 0;
    for (let i = 0; i < pixelCount * 3; i++) {
      const difference = Math.abs(ours[(i % 3) * pixelCount + Math.floor(i / 3)]! - rgb[i]!);
      total += difference;
      worst = Math.max(worst, difference);
    }
    expect(total / (pixelCount * 3), "mean difference in codes of 255").toBeLessThan(1);
    expect(worst, "largest difference in codes of 255").toBeLessThan(4);
  });
});
