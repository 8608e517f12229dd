import { expect, test } from "vitest";
import { clipChunks, splitByChunkSize } from "../../src/video/clip_chunks.ts";

function clips(count: number, seconds: number) {
  return Array.from({ length: count }, (_, i) => ({
    span: { startSeconds: i * seconds, endSeconds: i * seconds + seconds },
  }));
}

test("the reference's example", () => {
  const chunks = splitByChunkSize(["a", "bb", "ccc", "dddd", "e"], 5, (word) => word.length);
  expect(chunks).toEqual([
    ["a", "bb", "ccc"],
    ["dddd", "e"],
  ]);
});

test.each([
  [100, 10, [26, 26, 26, 22]],
  [130, 2, [128, 2]],
  [1000, 0.9, [1000]],
  [0, 10, []],
])("%d clips of %d s", (count, seconds, sizes) => {
  expect(clipChunks(clips(count, seconds)).map((chunk) => chunk.length)).toEqual(sizes);
});

test("29 clips of 9.99 s", () => {
  const found = clipChunks(
    Array.from({ length: 30 }, () => ({ span: { startSeconds: 0, endSeconds: 9.99 } })),
  );
  expect(found.map((chunk) => chunk.length)).toEqual([29, 1]);
});
