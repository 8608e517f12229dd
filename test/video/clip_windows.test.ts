import { expect, test } from "vitest";
import { clipWindows } from "../../src/video/clip_windows.ts";

/** First and last frame, as the reference writes them. */
const inclusive = (...given: Parameters<typeof clipWindows>): number[][] =>
  clipWindows(...given).map(({ first, end }) => [first, end - 1]);

test.each<[number, number[][]]>([
  [0, []],
  [3, []],
  [4, [[0, 3]]],
  [256, [[0, 255]]],
  [257, [[0, 256]]],
  [383, [[0, 382]]],
  [
    384,
    [
      [0, 255],
      [256, 383],
    ],
  ],
  [
    600,
    [
      [0, 255],
      [256, 599],
    ],
  ],
  [
    640,
    [
      [0, 255],
      [256, 511],
      [512, 639],
    ],
  ],
])("%i frames, as the reference was run", (frameCount, windows) => {
  expect(inclusive(frameCount)).toEqual(windows);
});

test("the golden case of the reference's tests", () => {
  expect(inclusive(12, 5, 1)).toEqual([
    [0, 4],
    [5, 9],
    [10, 11],
  ]);
});
