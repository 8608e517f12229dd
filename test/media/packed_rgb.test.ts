import { expect, test } from "vitest";
import { LUMA_WEIGHTS, packRgb } from "../../src/media/packed_rgb.ts";
import type { ColorMatrix } from "../../src/types.ts";

const matrices = Object.keys(LUMA_WEIGHTS) as ColorMatrix[];
const codes = Array.from({ length: 18 }, (_, i) => 15 * i);

test("black, white and what lies beyond them", () => {
  for (const matrix of matrices) {
    const planes = [16, 235, 0, 255, ...Array(8).fill(128)];
    expect([...packRgb(planes, matrix)]).toEqual([0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255]);
  }
});

test("every term is rounded down, so that a dark pixel is as ffmpeg on x86 gives it", () => {
  // Luma is 16.3; red falls short of it by 1.6, green exceeds it by 0.4 and 0.8, blue falls short by 2.02.
  expect([...packRgb([30, 127, 127], "bt601")]).toEqual([14, 16, 13]);
  expect([...packRgb([17, 128, 128], "bt601")]).toEqual([1, 1, 1]);
});

test.each(matrices)("%s differs from the exact product by what three roundings take", (matrix) => {
  const [red, blue] = LUMA_WEIGHTS[matrix];
  const clamped = (value: number): number => Math.min(255, Math.max(0, value));
  for (const y of codes) {
    for (const u of codes) {
      for (const v of codes) {
        const luma = ((y - 16) * 255) / 219;
        const [db, dr] = [((u - 128) * 255) / 224, ((v - 128) * 255) / 224];
        const r = luma + 2 * (1 - red) * dr;
        const b = luma + 2 * (1 - blue) * db;
        const g = (luma - red * r - blue * b) / (1 - red - blue);
        for (const [channel, value] of packRgb([y, u, v], matrix).entries()) {
          const below = clamped([r, g, b][channel]!) - value;
          expect(below).toBeGreaterThan(-0.1);
          expect(below).toBeLessThan(3.1);
        }
      }
    }
  }
});
