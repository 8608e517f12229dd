import { describe, expect, test } from "vitest";
import {
  type FrameRule,
  frameCapacity,
  frameToTensor,
  planFrames,
} from "../../src/kernels/frame_to_tensor.ts";
import { frameToTensor as reference } from "../../src/reference/frame_to_tensor.ts";
import { expectClose } from "../support/compare.ts";
import { makeFrame, noiseFrame } from "../support/frames.ts";
import { useGpu } from "../support/gpu.ts";

const plain: FrameRule = {
  outWidth: 8,
  outHeight: 8,
  filter: "bilinear",
  crop: "stretch",
  mean: [0, 0, 0],
  std: [1, 1, 1],
};
const clip = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} as const;
// Two passes of the rows' tolerance (500 * 32 * 2^-24), on the scale 0..1 and divided by a deviation above 0.25.
const tolerance = { absolute: (2 * 500 * 32 * 2 ** -24) / 255 / 0.25 };

describe("frameToTensor()", () => {
  const context = useGpu();

  test.each([
    [1, 1, 1, 1],
    [1, 1, 4, 3],
    [2, 2, 1, 1],
    [3, 3, 8, 8],
    [5, 9, 7, 7],
    [31, 17, 8, 8],
    [17, 64, 8, 16],
    [130, 65, 9, 4],
    [640, 360, 3, 3],
  ])("a %ix%i frame to %ix%i equals the twin by every rule", async (width, height, outWidth, outHeight) => {
    const frames = [noiseFrame({ width, height }, 3), noiseFrame({ width, height }, 4)];
    for (const crop of ["center", "letterbox", "stretch"] as const) {
      for (const filter of ["bilinear", "bicubic"] as const) {
        const rule: FrameRule = { ...clip, outWidth, outHeight, filter, crop, padding: 114 };
        expectClose(await frameToTensor(context.gpu, frames, rule), reference(frames, rule), tolerance);
      }
    }
  });

  test.each([
    [40, 30, 12],
    [30, 41, 8],
    [20, 20, 5],
  ])(
    "a %ix%i frame with its shorter side at %i before the crop equals the twin",
    async (width, height, side) => {
      const frames = [noiseFrame({ width, height }, 9)];
      const rule: FrameRule = { ...plain, crop: "center", shorterSide: side, filter: "bicubic", padding: 77 };
      expectClose(await frameToTensor(context.gpu, frames, rule), reference(frames, rule), tolerance);
    },
  );

  test.each([
    [2, "center"],
    [2, "letterbox"],
    [0.5, "center"],
    [8 / 9, "letterbox"],
    [1.4587, "stretch"],
  ] as const)("pixels %d times as wide as high, by %s, equal the twin", async (pixelAspect, crop) => {
    const frames = [noiseFrame({ width: 45, height: 36, pixelAspect }, 9)];
    const rule: FrameRule = { ...plain, outWidth: 16, outHeight: 12, crop, padding: 77 };
    expectClose(await frameToTensor(context.gpu, frames, rule), reference(frames, rule), tolerance);
  });

  test("a circle stays one whatever the shape of pixels", async () => {
    const disc = (width: number, height: number, pixelAspect: number) =>
      makeFrame({ width, height, range: "full", pixelAspect }, (x, y) => [
        Math.hypot(x - 0.5, y - 0.5) < 0.3 ? 255 : 0,
        128,
        128,
      ]);
    const rule: FrameRule = { ...plain, outWidth: 16, outHeight: 16, crop: "center" };
    const square = await frameToTensor(context.gpu, [disc(64, 64, 1)], rule);
    for (const [width, height, pixelAspect] of [
      [32, 64, 2],
      [64, 32, 0.5],
    ] as const) {
      const other = await frameToTensor(context.gpu, [disc(width, height, pixelAspect)], rule);
      const total = other.reduce((sum, value, i) => sum + Math.abs(value - square[i]!), 0);
      expect(total / other.length).toBeLessThan(0.02);
    }
  });

  test("keeps what it should of a portrait frame: the middle when cropped, all when padded", async () => {
    const frame = makeFrame({ width: 8, height: 24, range: "full" }, (_, y) => [
      y < 1 / 3 ? 0 : y < 2 / 3 ? 100 : 200,
      128,
      128,
    ]);
    const center = await frameToTensor(context.gpu, [frame], { ...plain, crop: "center" });
    expectClose(center.slice(0, 64), new Float32Array(64).fill(100 / 255), tolerance);
    const padded = await frameToTensor(context.gpu, [frame], {
      ...plain,
      outWidth: 24,
      outHeight: 24,
      crop: "letterbox",
      padding: 51,
    });
    const row = [...padded.slice(12 * 24, 13 * 24)].map((value) => Math.round(value * 255));
    expect(row).toEqual([...Array(8).fill(51), ...Array(8).fill(100), ...Array(8).fill(51)]);
  });

  test("a flat colour stays that colour at any scale", async () => {
    const frame = makeFrame({ width: 33, height: 19, matrix: "bt709" }, () => [235, 128, 128]);
    for (const filter of ["bilinear", "bicubic"] as const) {
      const tensor = await frameToTensor(context.gpu, [frame], { ...plain, filter });
      expectClose(tensor, new Float32Array(192).fill(1), tolerance);
    }
  });

  test("averages under a large reduction instead of dropping pixels", async () => {
    const stripes = makeFrame({ width: 512, height: 512, range: "full" }, (x) => [
      Math.floor(x * 512) % 2 === 0 ? 0 : 200,
      128,
      128,
    ]);
    const tensor = await frameToTensor(context.gpu, [stripes], plain);
    // The outermost columns lose a part of their filter, and with it the balance of dark and light.
    const inner = tensor.filter((_, i) => i % 8 > 0 && i % 8 < 7);
    expectClose(inner, new Float32Array(144).fill(100 / 255), tolerance);
  });

  test("refuses a mixture of formats and a frame of the wrong length", async () => {
    const frames = [
      noiseFrame({ width: 4, height: 4 }, 1),
      noiseFrame({ width: 4, height: 4, range: "full" }, 1),
    ];
    await expect(frameToTensor(context.gpu, frames, plain)).rejects.toThrow("Group them first");
    const deep = [frames[0]!, noiseFrame({ width: 4, height: 4, pixelFormat: "yuv420p10le" }, 1)];
    await expect(frameToTensor(context.gpu, deep, plain)).rejects.toThrow("Group them first");
    const unknown = { ...frames[0]!, pixelFormat: "yuyv422" };
    await expect(frameToTensor(context.gpu, [unknown], plain)).rejects.toThrow("not known here: yuyv422");
    const short = { ...frames[0]!, data: new Uint8Array(23) };
    await expect(frameToTensor(context.gpu, [short], plain)).rejects.toThrow("takes 24 bytes: 23");
    expect(await frameToTensor(context.gpu, [], plain)).toHaveLength(0);
  });
});

describe("planFrames()", () => {
  const format = { width: 1080, height: 1920, matrix: "bt709", range: "limited" } as const;

  test("converts only the source rows that a centre crop keeps", () => {
    const plan = planFrames(format, { ...plain, outWidth: 224, outHeight: 224, crop: "center" });
    expect(plan.rowCount).toBeLessThan(1100);
    expect(plan.rowFirst).toBeGreaterThan(410);
    expect(plan.rowFirst + plan.rowCount).toBeLessThanOrEqual(1920);
  });

  test("every output weight row sums to 1", () => {
    for (const filter of ["bilinear", "bicubic"] as const) {
      const { columns, rows } = planFrames(format, { ...plain, outWidth: 37, outHeight: 2500, filter });
      for (const { taps, starts, weights } of [columns, rows]) {
        starts.forEach((_, i) => {
          const sum = weights.slice(i * taps, (i + 1) * taps).reduce((total, weight) => total + weight, 0);
          expect(Math.abs(sum - 1)).toBeLessThan(1e-6);
        });
      }
    }
  });

  test("the capacity keeps every buffer below the bound, and is at least one frame", () => {
    const plan = planFrames(format, plain);
    const capacity = frameCapacity(plan, 128 * 2 ** 20);
    expect(capacity * Math.max(plan.frameBytes, plan.rowBytes, plan.tensorBytes)).toBeLessThanOrEqual(
      128 * 2 ** 20,
    );
    expect(capacity).toBeGreaterThan(40);
    expect(frameCapacity(plan, 1000)).toBe(1);
  });
});
