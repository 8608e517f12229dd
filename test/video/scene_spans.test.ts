import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { framesInSpan } from "../../src/media/frame_span.ts";
import { checkSceneLengths, type SceneLengths, sceneSpans } from "../../src/video/scene_spans.ts";

const lengths: SceneLengths = { minLengthSeconds: 2, maxLengthSeconds: 10, maxLengthMode: "stride" };

/** 30 seconds at 25 frames per second, cut at some frames. */
const video = { frameTimes: Float64Array.from({ length: 750 }, (_, i) => i / 25), durationSeconds: 30 };
const cutsAt = (...frames: number[]) => frames.map((frame) => ({ frame, seconds: frame / 25, score: 50 }));
const pairs = (...cuts: number[]) =>
  sceneSpans(video, cutsAt(...cuts), lengths).map(({ startSeconds, endSeconds }) => [
    startSeconds,
    endSeconds,
  ]);

test("scenes follow one another over the whole video, and each begins with the frame of its cut", () => {
  const spans = sceneSpans(video, cutsAt(100, 333, 500), { ...lengths, maxLengthSeconds: 0 });
  expect(spans.map((span) => framesInSpan(video.frameTimes, span))).toEqual([
    { first: 0, end: 100 },
    { first: 100, end: 333 },
    { first: 333, end: 500 },
    { first: 500, end: 750 },
  ]);
});

test("a video without cuts is one scene, a long one is divided, and its last part dropped where it is too short", () => {
  expect(pairs()).toEqual([
    [0, 10],
    [10, 20],
    [20, 30],
  ]);
  expect(pairs(275)).toEqual([
    [0, 10],
    [11, 21],
    [21, 30],
  ]);
});

test("short scenes are dropped, and only they", () => {
  expect(pairs(49, 100, 150, 250, 450)).toEqual([
    [1.96, 4],
    [4, 6],
    [6, 10],
    [10, 18],
    [18, 28],
    [28, 30],
  ]);
});

test("truncated scenes keep their start", () => {
  const spans = sceneSpans(video, cutsAt(300), { ...lengths, maxLengthMode: "truncate" });
  expect(spans).toEqual([
    { startSeconds: 0, endSeconds: 10 },
    { startSeconds: 12, endSeconds: 22 },
  ]);
});

test("a part in which no frame is shown is left out", () => {
  const paused = { frameTimes: Float64Array.of(0, 0.1, 25, 25.1), durationSeconds: 25.2 };
  const spans = sceneSpans(paused, [], { ...lengths, minLengthSeconds: 0 });
  expect(spans.map((span) => framesInSpan(paused.frameTimes, span))).toEqual([
    { first: 0, end: 2 },
    { first: 2, end: 4 },
  ]);
});

describe("checkSceneLengths()", () => {
  test("refuses a longest clip below the shortest", () => {
    expect(() => checkSceneLengths({ ...lengths, maxLengthSeconds: 1 })).toThrow(UsageError);
    expect(() => checkSceneLengths({ ...lengths, maxLengthSeconds: 1 })).toThrow("1 s and 2 s");
  });
  test("takes 0 as no limit", () => {
    checkSceneLengths({ ...lengths, maxLengthSeconds: 0 });
  });
});
