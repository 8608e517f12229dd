// The golden table of NeMo Curator's fixed-stride tests, in the compatible and in the default arithmetic.
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { type FixedStrideOptions, fixedStrideSpans } from "../../src/video/fixed_stride.ts";

function video(frameCount: number, frameRate: number) {
  return {
    frameCount,
    frameRate,
    durationSeconds: frameRate > 0 ? frameCount / frameRate : 0,
    frameTimes: Float64Array.from({ length: frameCount }, (_, i) => i / frameRate),
  };
}

function spans(
  frameCount: number,
  frameRate: number,
  [length, stride, shortest]: [number, number, number],
  more: FixedStrideOptions = {},
) {
  const options = {
    clipLengthSeconds: length,
    strideSeconds: stride,
    minClipLengthSeconds: shortest,
    ...more,
  };
  return fixedStrideSpans(video(frameCount, frameRate), options).map((s) => [s.startSeconds, s.endSeconds]);
}

const golden: readonly [string, number, number, [number, number, number], number[][]][] = [
  [
    "20 s overlapping",
    600,
    30,
    [5, 2.5, 1],
    [
      [0, 5],
      [2.5, 7.5],
      [5, 10],
      [7.5, 12.5],
      [10, 15],
      [12.5, 17.5],
      [15, 20],
      [17.5, 20],
    ],
  ],
  ["1 s", 30, 30, [5, 2.5, 1], [[0, 1]]],
  [
    "5 s",
    150,
    30,
    [5, 2.5, 1],
    [
      [0, 5],
      [2.5, 5],
    ],
  ],
  ["shorter than the shortest", 600, 30, [2, 1, 3], []],
  ["1 frame", 1, 30, [5, 2.5, 1], []],
  [
    "25 s",
    750,
    30,
    [10, 10, 2],
    [
      [0, 10],
      [10, 20],
      [20, 25],
    ],
  ],
  [
    "21.5 s drops its tail",
    645,
    30,
    [10, 10, 2],
    [
      [0, 10],
      [10, 20],
    ],
  ],
  [
    "22 s keeps its tail",
    660,
    30,
    [10, 10, 2],
    [
      [0, 10],
      [10, 20],
      [20, 22],
    ],
  ],
];

describe.each(["nemo", "none"] as const)("with compat %s", (compat) => {
  test.each(golden)("%s", (_name, frames, rate, options, expected) => {
    expect(spans(frames, rate, options, { compat })).toEqual(expected);
  });

  test("30 s overlapping: 12 spans, the last of 2.5 s", () => {
    const found = spans(900, 30, [5, 2.5, 1], { compat });
    expect(found).toHaveLength(12);
    expect(found.at(-1)).toEqual([27.5, 30]);
  });

  test("limitClips caps, where the reference ignores it", () => {
    expect(spans(150, 30, [1, 0.5, 0.5], { compat })).toHaveLength(10);
    expect(spans(150, 30, [1, 0.5, 0.5], { compat, limitClips: 3 })).toEqual([
      [0, 1],
      [0.5, 1.5],
      [1, 2],
    ]);
  });
});

test("nemo: no spans without a frame rate", () => {
  expect(spans(100, 0, [5, 5, 1], { compat: "nemo" })).toEqual([]);
});

test("nemo: 750 frames at 30000/1001 end at frames divided by rate", () => {
  const found = spans(750, 30000 / 1001, [10, 10, 2], { compat: "nemo" });
  expect(found).toEqual([
    [0, 10],
    [10, 20],
    [20, 25.025000000000002],
  ]);
});

test("nemo drifts away from the grid of 0.1 s; the default does not", () => {
  expect(spans(30, 30, [0.1, 0.1, 0.1], { compat: "nemo" })).toHaveLength(3);
  const found = spans(30, 30, [0.1, 0.1, 0.1]);
  expect(found).toHaveLength(10);
  expect(found.map(([start]) => start)).toEqual(Array.from({ length: 10 }, (_, i) => i * 0.1));
});

test("the default goes by the times at which frames are shown", () => {
  const frameTimes = Float64Array.from([0, 1, 2, 3, 14, 15]);
  const info = { frameCount: 6, frameRate: 30, durationSeconds: 16, frameTimes };
  const found = fixedStrideSpans(info, { clipLengthSeconds: 5 });
  expect(found.map((s) => s.startSeconds)).toEqual([0, 10]);
  expect(fixedStrideSpans(info, { clipLengthSeconds: 5, limitClips: 1 })).toHaveLength(1);
});

test("a clock that jumps by thirty years makes spans where frames are, and no others", () => {
  const frameTimes = Float64Array.from([0, 1, 2, 1e9 + 3, 1e9 + 4]);
  const info = { frameCount: 5, frameRate: 1, durationSeconds: 1e9 + 5, frameTimes };
  const starts = (strideSeconds: number): number[] =>
    fixedStrideSpans(info, { clipLengthSeconds: 2, strideSeconds, minClipLengthSeconds: 0 }).map(
      ({ startSeconds }) => startSeconds,
    );
  expect(starts(2)).toEqual([0, 2, 1e9 + 2, 1e9 + 4]);
  expect(starts(1)).toEqual([0, 1, 2, 1e9 + 2, 1e9 + 3, 1e9 + 4]);
});

test("refuses more than a million spans", () => {
  expect(() => spans(30_000, 30, [0.0005, 0.0005, 0], { compat: "nemo" })).toThrow(/1000000 spans/);
});

test("refuses lengths that are not above zero", () => {
  for (const clipLengthSeconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => fixedStrideSpans(video(30, 30), { clipLengthSeconds })).toThrow(UsageError);
  }
});
