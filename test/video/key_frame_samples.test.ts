// Frames sampled among the key frames of clips.
import { expect, test } from "vitest";
import { sampleKeyFrames } from "../../src/video/key_frame_samples.ts";

const frameTimes = Float64Array.from({ length: 100 }, (_, i) => i / 10);
const video = (all: readonly number[]) => ({
  frameTimes,
  keyFrames: { all, entries: all, primingPackets: 0, trailingPackets: 0 },
});
const spans = [
  { startSeconds: 0, endSeconds: 5 },
  { startSeconds: 5, endSeconds: 10 },
];

test("are spread over the clip, the first and the last of its key frames included", () => {
  const keys = [0, 10, 20, 30, 40, 50, 99];
  expect(sampleKeyFrames(video(keys), spans, 3)).toEqual([
    [0, 20, 40],
    [50, 50, 99],
  ]);
});

test("are repeated where there are few", () => {
  expect(sampleKeyFrames(video([3, 60]), spans, 4)).toEqual([
    [3, 3, 3, 3],
    [60, 60, 60, 60],
  ]);
});

test("are none where a clip has none, or nobody knows them", () => {
  expect(sampleKeyFrames(video([0, 49]), spans, 4)).toBeNull();
  expect(sampleKeyFrames({ frameTimes }, spans, 4)).toBeNull();
});
