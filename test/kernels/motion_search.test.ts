// What the whole search makes of motion that is known.
import { describe, expect, test } from "vitest";
import { type MotionField, motionState } from "../../src/kernels/motion_match.ts";
import { searchMotion } from "../../src/kernels/motion_search.ts";
import { useGpu } from "../support/gpu.ts";
import { type MovingOptions, type MovingPair, movingFrames, waves } from "../support/moving_frames.ts";

const [width, height] = [160, 128];
const [columns, rows] = [width / 8, height / 8];

/** Blocks whose content stays within the picture. */
function innerBlocks({ x, y }: MovingPair): number[] {
  const margin = Math.ceil(Math.max(Math.abs(x), Math.abs(y)) / 8) + 1;
  return Array.from({ length: columns * rows }, (_, block) => block).filter((block) => {
    const [column, row] = [block % columns, Math.floor(block / columns)];
    return Math.min(column, columns - 1 - column, row, rows - 1 - row) >= margin;
  });
}

describe("searchMotion()", () => {
  const context = useGpu();
  const search = async (pair: MovingPair, options?: MovingOptions): Promise<MotionField> =>
    await searchMotion(context.gpu, movingFrames(width, height, [pair], options), width, height);

  test.each([
    { x: 0.3, y: 0 },
    { x: 1, y: -0.5 },
    { x: -2.7, y: 1.2 },
    { x: 7.5, y: 4 },
    { x: 24, y: -9 },
  ])("finds a pan of $x, $y pixels", async (pan) => {
    const { displacements, states } = await search(pan, { noise: 2 });
    const blocks = innerBlocks(pan);
    const near = blocks.filter(
      (block) => Math.hypot(displacements[2 * block]! - pan.x, displacements[2 * block + 1]! - pan.y) < 0.15,
    );
    expect(near.length).toBeGreaterThan(0.9 * blocks.length);
    expect(blocks.filter((block) => states[block] !== motionState.matched)).toEqual([]);
  });

  test.each([
    ["nothing", {}],
    ["noise", { noise: 12 }],
    ["noise on a flat picture", { noise: 12, picture: () => 90 }],
    ["light that changes", { noise: 3, brighter: 25 }],
  ] as const)("a still picture with %s moves nowhere", async (_, options) => {
    const { displacements } = await search({ x: 0, y: 0 }, options);
    expect(displacements.findIndex((value) => value !== 0)).toBe(-1);
  });

  test("a small object moves alone", async () => {
    const object = (x: number, y: number): number => (x >= 40 && x < 64 && y >= 48 && y < 72 ? 1 : 0);
    const frames = movingFrames(width, height, [{ x: 0, y: 0 }]);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      if (object(x, y) === 1) frames[i] = Math.round(waves(y + 300, x));
      if (object(x - 5, y) === 1) frames[width * height + i] = Math.round(waves(y + 300, x - 5));
    }
    const { displacements } = await searchMotion(context.gpu, frames, width, height);
    const moving = Array.from({ length: columns * rows }, (_, block) => block).filter(
      (block) => displacements[2 * block] !== 0 || displacements[2 * block + 1] !== 0,
    );
    expect(moving.length).toBeGreaterThanOrEqual(6);
    for (const block of moving) {
      expect(block % columns).toBeGreaterThanOrEqual(4);
      expect(block % columns).toBeLessThanOrEqual(8);
    }
  });

  test("most of a picture is lost across a cut, and flat where it has no structure", async () => {
    const frames = movingFrames(width, height, [{ x: 0, y: 0 }]);
    for (let i = 0; i < width * height; i++)
      frames[width * height + i] = Math.round(waves(900 + Math.floor(i / width), 700 - (i % width)));
    const { states } = await searchMotion(context.gpu, frames, width, height);
    const lost = states.filter((state) => state === motionState.lost).length;
    expect(lost).toBeGreaterThan(0.75 * states.length);
    const flat = await search({ x: 3, y: 0 }, { picture: (x) => 100 + x / 50 });
    expect([...new Set(flat.states)]).toEqual([motionState.flat]);
  });

  test("refuses sizes that do not halve twice", async () => {
    await expect(searchMotion(context.gpu, new Uint32Array(2 * 48 * 32), 48, 32)).rejects.toThrow(
      "multiples of 32",
    );
  });
});
