// Golden ids of the reference's tests.
import { expect, test } from "vitest";
import { chunkId, clipId } from "../../src/video/clip_id.ts";

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
