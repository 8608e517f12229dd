import { describe, expect, test } from "vitest";
import type { MotionField } from "../../src/kernels/motion_match.ts";
import { ClipMotion } from "../../src/video/motion_score.ts";

const [flat, matched, lost] = [0, 1, 2];
/** A picture of four by two patches of 256, of four blocks each, looked at in a quarter of the size. */
const geometry = { width: 1024, height: 512, frameWidth: 256, frameHeight: 128 };
const [columns, rows] = [32, 16];

interface Block {
  readonly x: number;
  readonly state: number;
}

function field(blockAt: (column: number, row: number) => Block): MotionField {
  const blocks = Array.from({ length: columns * rows }, (_, i) =>
    blockAt(i % columns, Math.floor(i / columns)),
  );
  return {
    displacements: Float32Array.from(blocks.flatMap(({ x }) => [x, 0])),
    states: Uint32Array.from(blocks.map(({ state }) => state)),
  };
}

function scoreOf(...fields: readonly MotionField[]): { globalMean: number; perPatchMin256: number } | null {
  const motion = new ClipMotion(geometry);
  for (const one of fields) motion.add(one, 0);
  return motion.score();
}

/** Of the full picture in 1024 + 512 pixels. */
const magnitude = (pixels: number): number => pixels / 1536;

describe("ClipMotion", () => {
  test("measures in pixels of the full picture, over its width and height", () => {
    const score = scoreOf(field(() => ({ x: -3, state: matched })));
    expect(score?.globalMean).toBeCloseTo(magnitude(12), 10);
    expect(score?.perPatchMin256).toBeCloseTo(magnitude(12), 10);
  });

  test("the mean is one over pairs and pixels, the least patch one of means over area and pairs", () => {
    const half = (left: number, right: number) =>
      field((column) => ({ x: column < 16 ? left : right, state: matched }));
    expect(scoreOf(half(2, 0), half(1, 0))).toEqual({
      globalMean: expect.closeTo(magnitude(3), 10) as number,
      perPatchMin256: 0,
    });
    // One block of the 64 of a patch moves in one of two pairs.
    const one = field((column, row) => ({ x: column === 9 && row === 9 ? 1 : 0, state: matched }));
    const whole = field((column) => ({ x: column < 8 || column > 15 ? 1 : 0, state: matched }));
    expect(scoreOf(one, whole)?.perPatchMin256).toBe(0);
    const lower = field((column, row) => ({
      x: column > 7 && column < 16 && row < 8 ? 1 : 0,
      state: matched,
    }));
    expect(scoreOf(one, whole, lower)?.perPatchMin256).toBeCloseTo(magnitude(4) / 64 / 3, 10);
  });

  test("patches divide a side that is no multiple of 256", () => {
    const motion = new ClipMotion({ width: 640, height: 200, frameWidth: 640, frameHeight: 200 });
    // Patches of 213.3 pixels: the second begins within block 26.
    const states = new Uint32Array(80 * 25).fill(matched);
    const displacements = new Float32Array(80 * 25 * 2).map((_, i) =>
      i % 2 === 0 && (i / 2) % 80 >= 27 ? 6 : 0,
    );
    motion.add({ displacements, states }, 0);
    expect(motion.score()?.perPatchMin256).toBe(0);
    expect(motion.score()?.globalMean).toBeCloseTo((6 / 840) * (53 / 80), 10);
  });

  test("a pair across a cut is left out; a clip of nothing else has no score", () => {
    const cut = field((column, row) => ({ x: 20, state: (column + row) % 5 === 0 ? matched : lost }));
    const pan = field(() => ({ x: 1, state: matched }));
    expect(scoreOf(cut)).toBeNull();
    expect(scoreOf(pan, cut)?.globalMean).toBeCloseTo(magnitude(4), 10);
    expect(scoreOf()).toBeNull();
  });

  test("a clear sky moves with the picture below it, a flat wall does not move with a face before it", () => {
    const pan = field((_, row) => (row < 6 ? { x: 0, state: flat } : { x: 1, state: matched }));
    expect(scoreOf(pan)?.perPatchMin256).toBeCloseTo(magnitude(4), 10);
    const face = field((column, row) =>
      column > 12 && column < 20 && row > 4 ? { x: 1, state: matched } : { x: 0, state: flat },
    );
    expect(scoreOf(face)?.perPatchMin256).toBe(0);
  });

  test("a flat picture stands still", () => {
    expect(scoreOf(field(() => ({ x: 0, state: flat })))).toEqual({ globalMean: 0, perPatchMin256: 0 });
  });
});
