import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { frameToRows } from "../../src/kernels/frame_to_rows.ts";
import { frameToRows as reference } from "../../src/reference/frame_to_rows.ts";
import type { ColorMatrix, ColorRange } from "../../src/types.ts";
import { expectClose } from "../support/compare.ts";
import { makeFrame, noiseFrame, wavesFrame } from "../support/frames.ts";
import { useGpu } from "../support/gpu.ts";

// Values up to 500 before clipping, weights that sum to 1: 32 roundings of 2^-24 in conversion, weights and sum.
const tolerance = { absolute: 500 * 32 * 2 ** -24 };
// 2^-20 of relative error in light (a power of 79 of a code that is good to 2^-24, and WGSL's own bounds for exp2 and
// log2) is raised to 1 / 2.4 near black, where it shows most: a twentieth of a code.
const toneTolerance = { absolute: 0.05 / 255 };

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

  test.each([
    ...["yuv422p", "yuv444p", "yuv440p", "yuv411p", "yuv410p", "nv12", "nv21", "nv16", "nv24"],
    ...["yuv420p9le", "yuv420p10le", "yuv422p12le", "yuv444p16le", "p010le", "p016le", "p210le", "p410le"],
    ...["gray", "gray10le", "gbrp", "gbrp10le", "gbrp16le", "rgb24", "bgra", "0rgb", "rgb48le", "rgba64le"],
  ])("reads %s as the twin does", async (pixelFormat) => {
    for (const range of ["limited", "full"] as const) {
      const shape = { width: 13, height: 7, matrix: "bt2020", range, pixelFormat } as const;
      const frames = [noiseFrame(shape, 1), noiseFrame(shape, 2)];
      expectClose(
        await frameToRows(context.gpu, frames, 5, "bilinear"),
        reference(frames, 5, "bilinear"),
        tolerance,
      );
    }
  });

  test.each([
    [0, 0],
    [0.5, 0.5],
    [1, 0],
    [0.5, 1],
  ])("takes chroma from where it is sited: %d, %d", async (x, y) => {
    const frames = [noiseFrame({ width: 9, height: 8, chromaSite: [x, y] }, 5)];
    const rows = await frameToRows(context.gpu, frames, 9, "bilinear");
    expectClose(rows, reference(frames, 9, "bilinear"), tolerance);
    const elsewhere = reference([{ ...frames[0]!, chromaSite: [0, 0.5] }], 9, "bilinear");
    expect(rows.some((value, i) => Math.abs(value - elsewhere[i]!) > 1)).toBe(true);
  });

  test.each(["pq", "hlg"] as const)("shows %s in SDR as the twin does", async (transfer) => {
    const shape = { width: 31, height: 9, matrix: "bt2020", pixelFormat: "yuv420p10le", transfer } as const;
    const frames = [noiseFrame(shape, 1), wavesFrame(shape, 2)];
    const unit = (rows: Float32Array) => rows.map((value) => value / 255);
    expectClose(
      unit(await frameToRows(context.gpu, frames, 16, "bicubic")),
      unit(reference(frames, 16, "bicubic")),
      toneTolerance,
    );
  });

  test("PQ black, diffuse white and 1000 cd/m2 land where docs/media.md says", async () => {
    // Codes of 0, 203 and 1000 cd/m2 in full range of 16 bits.
    const shown = [0, 0.5806888810416109, 0.7518270961985005].map(async (code) => {
      const gray = code * 255.99609375;
      const frame = makeFrame(
        { width: 2, height: 2, pixelFormat: "gbrp16le", range: "full", transfer: "pq" },
        () => [gray, gray, gray],
      );
      return (await frameToRows(context.gpu, [frame], 2, "bilinear"))[0]!;
    });
    const [black, white, peak] = await Promise.all(shown);
    expect(black).toBeLessThan(0.5);
    expect(white).toBeCloseTo(217, 0);
    expect(peak).toBeCloseTo(255, 0);
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
