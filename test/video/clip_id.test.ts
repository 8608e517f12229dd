// Golden ids of the reference's tests.
import { expect, test } from "vitest";
import { framesInSpan } from "../../src/media/frame_span.ts";
import { chunkId, clipId, clipIdOfFrames, clipIds } from "../../src/video/clip_id.ts";
import { fixedStrideSpans } from "../../src/video/fixed_stride.ts";

test.each([
  ["test_video.mp4", 0, 5, "4baa6139-32a3-555a-a194-1726a40b3af9"],
  ["test_video.mp4", 2.5, 7.5, "0ad706c4-48ce-575e-8979-b1445f07c3e3"],
  ["test_video.mp4", 17.5, 20, "2c3de651-eed9-51c5-8a52-9b04e56a7f75"],
  ["/data/v.mp4", 0, 10, "d638f1c4-d962-5d45-82b4-5dd936cece0a"],
])("%s from %d to %d s at 30 frames per second", (path, startSeconds, endSeconds, id) => {
  expect(clipId(path, { startSeconds, endSeconds }, 30)).toBe(id);
});

test("the embeddings file of a chunk", () => {
  expect(chunkId("/data/v.mp4", 0)).toBe("241aa63c-af13-5e6c-8c3b-583f4c3d3ee1");
});

test("frame numbers are truncated, not rounded", () => {
  const span = { startSeconds: 10, endSeconds: 20 };
  expect(clipId("a.mp4", span, 30000 / 1001)).toBe(
    clipId("a.mp4", { startSeconds: 299, endSeconds: 599 }, 1),
  );
});

test("clips about a pause in the clock have ids of their own, and the first of each number keeps its own", () => {
  // Five seconds, an hour's pause, five seconds.
  const frameTimes = Float64Array.from({ length: 300 }, (_, i) => (i < 150 ? i / 30 : 3600 + i / 30));
  const video = { frameTimes, durationSeconds: 3610, frameCount: 300, frameRate: 300 / 3610 };
  const spans = fixedStrideSpans(video, { clipLengthSeconds: 2, minClipLengthSeconds: 0 });
  const clips = spans.map((span) => ({ span, frames: framesInSpan(frameTimes, span) }));
  const ids = clipIds("v.mp4", clips, video.frameRate);
  expect(new Set(ids).size).toBe(6);
  const named = spans.map((span) => clipId("v.mp4", span, video.frameRate));
  expect(ids.map((id, index) => id === named[index])).toEqual(
    named.map((id, index) => named.indexOf(id) === index),
  );
  // A limit on clips, or a run that is resumed, changes none.
  expect(clipIds("v.mp4", clips.slice(0, 4), video.frameRate)).toEqual(ids.slice(0, 4));
});

test("an id made of frames is none that numbers could make", () => {
  const [span, frames] = [
    { startSeconds: 0, endSeconds: 1 },
    { first: 5, end: 9 },
  ];
  const ids = clipIds(
    "v",
    [
      { span, frames: { first: 0, end: 5 } },
      { span, frames },
      { span, frames, counted: frames },
    ],
    1,
  );
  expect(new Set(ids).size).toBe(3);
  expect(ids[2]).toBe(clipIdOfFrames("v", frames));
});

test("a span without frames takes no id away", () => {
  const [span, none] = [
    { startSeconds: 0, endSeconds: 1 },
    { first: 0, end: 0 },
  ];
  const ids = clipIds(
    "v",
    [
      { span, frames: none },
      { span, frames: { first: 0, end: 5 } },
    ],
    1,
  );
  expect(ids).toEqual([clipId("v", span, 1), clipId("v", span, 1)]);
});
