import { expect, test } from "vitest";
import { framesInSpan, sampleFrames, spread } from "../../src/video/sample_frames.ts";

const at30 = Float64Array.from({ length: 750 }, (_, i) => i / 30);

test("spreads over the whole clip, first and last frame included", () => {
  expect(spread({ first: 0, end: 300 }, 8)).toEqual([0, 43, 85, 128, 171, 214, 256, 299]);
  expect(sampleFrames(at30, { startSeconds: 10, endSeconds: 20 }, 4)).toEqual([300, 400, 499, 599]);
});

test("rounds halves to even, as numpy's round", () => {
  expect(spread({ first: 0, end: 6 }, 3)).toEqual([0, 2, 5]);
  expect(spread({ first: 0, end: 8 }, 3)).toEqual([0, 4, 7]);
});

test("short clips repeat frames; empty ones give none", () => {
  expect(spread({ first: 7, end: 8 }, 4)).toEqual([7, 7, 7, 7]);
  expect(spread({ first: 0, end: 2 }, 4)).toEqual([0, 0, 1, 1]);
  expect(spread({ first: 5, end: 5 }, 4)).toEqual([]);
  expect(spread({ first: 3, end: 9 }, 1)).toEqual([3]);
});

test("spans take frames from their start on and before their end", () => {
  expect(framesInSpan(at30, { startSeconds: 10, endSeconds: 20 })).toEqual({ first: 300, end: 600 });
  expect(framesInSpan(at30, { startSeconds: 20, endSeconds: 99 })).toEqual({ first: 600, end: 750 });
  expect(framesInSpan(at30, { startSeconds: 30, endSeconds: 40 })).toEqual({ first: 750, end: 750 });
});

test("touching spans share no frame and miss none, whatever the frame rate and stride", () => {
  for (const rate of [24000 / 1001, 25, 30000 / 1001, 59.94, 1000 / 33]) {
    for (const stride of [0.1, 1 / 3, 0.7, 2]) {
      const times = Float64Array.from({ length: 301 }, (_, i) => i / rate);
      let next = 0;
      for (let i = 0; i * stride < 301 / rate; i++) {
        const { first, end } = framesInSpan(times, {
          startSeconds: i * stride,
          endSeconds: (i + 1) * stride,
        });
        expect(first).toBe(next);
        next = end;
      }
      expect(next).toBe(301);
    }
  }
});
