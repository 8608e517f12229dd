import { expect, test } from "vitest";
import { isVideoPath } from "../../src/video/video_extensions.ts";

test("knows videos by their ending in either case", () => {
  for (const path of ["a.mp4", "b/C.MOV", "x.y.avi", "k.mkv", "w.WebM", "/r/name.with.dots.v1.2.mp4"])
    expect(isVideoPath(path)).toBe(true);
  for (const path of ["a.txt", "mp4", ".mp4", "b.mp4/c", "a.mp4.json", ""])
    expect(isVideoPath(path)).toBe(false);
});
