import { describe, expect, test } from "vitest";
import { motionShrink } from "../../src/kernels/motion_shrink.ts";
import { motionShrink as reference } from "../../src/reference/motion_shrink.ts";
import { useGpu } from "../support/gpu.ts";
import { seededRandom } from "../support/random.ts";

describe("motionShrink()", () => {
  const context = useGpu();

  test.each([
    [0, 2, 2],
    [1, 2, 2],
    [1, 16, 14],
    [3, 16, 16],
    [2, 34, 6],
    [5, 62, 46],
  ])("%i frames of %i x %i equal the twin", async (frameCount, width, height) => {
    const random = seededRandom(width);
    const frames = Uint32Array.from({ length: frameCount * width * height }, () =>
      Math.floor(random() * 256),
    );
    const halves = await motionShrink(context.gpu, frames, width, height);
    expect(halves).toEqual(reference(frames, width, height));
  });

  test("rounds the mean of four, halves up", async () => {
    const frames = Uint32Array.of(0, 1, 255, 255, 1, 0, 255, 254);
    expect([...(await motionShrink(context.gpu, frames, 4, 2))]).toEqual([1, 255]);
  });

  test("refuses odd sizes", async () => {
    await expect(motionShrink(context.gpu, new Uint32Array(6), 3, 2)).rejects.toThrow("even size");
  });
});
