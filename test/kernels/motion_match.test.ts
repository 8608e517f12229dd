import { describe, expect, test } from "vitest";
import { motionMatch } from "../../src/kernels/motion_match.ts";
import { motionMatch as reference } from "../../src/reference/motion_match.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { movingFrames } from "../support/moving_frames.ts";

// Sums are whole numbers below 2^31; as f32 each errs by 2^-24, and the damped determinant loses at most a factor of 100.
const tolerance = { absolute: 1e-4 };

describe("motionMatch()", () => {
  const context = useGpu();

  test.each([
    [0, 8, 8],
    [1, 8, 8],
    [1, 56, 72],
    [2, 64, 64],
    [3, 104, 40],
  ])("%i pairs of %i x %i equal the twin", async (pairCount, width, height) => {
    const pairs = [
      { x: 1.3, y: -0.4 },
      { x: 0, y: 0 },
      { x: -5, y: 2.25 },
    ].slice(0, pairCount);
    const frames = movingFrames(width, height, pairs, { noise: 6 });
    const actual = await motionMatch(context.gpu, frames, width, height, 3);
    const expected = reference(frames, width, height, 3);
    expect(actual.states).toEqual(expected.states);
    expectClose(actual.displacements, expected.displacements, tolerance);
  });

  test("searches around what was found on frames of half the size", async () => {
    const frames = movingFrames(64, 48, [{ x: 11, y: -6 }]);
    const parents = new Float32Array((64 / 16) * (48 / 16) * 2).map((_, i) => (i % 2 === 0 ? 5.4 : -2.9));
    const actual = await motionMatch(context.gpu, frames, 64, 48, 1, parents);
    const expected = reference(frames, 64, 48, 1, parents);
    expectClose(actual.displacements, expected.displacements, tolerance);
    const middle = 3 * 8 + 4;
    expect(actual.displacements[2 * middle]).toBeCloseTo(11, 1);
    expect(actual.displacements[2 * middle + 1]).toBeCloseTo(-6, 1);
  });

  test("refuses frames that are not whole pairs of blocks", async () => {
    await expect(motionMatch(context.gpu, new Uint32Array(64), 8, 8, 1)).rejects.toThrow("in pairs");
    await expect(
      motionMatch(context.gpu, new Uint32Array(2 * 64), 8, 8, 1, new Float32Array(2)),
    ).rejects.toThrow("multiples of 16");
  });
});
