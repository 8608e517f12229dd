import { expect, test } from "vitest";
import { slowVideoLog } from "../../src/stages/slow_video_log.ts";

test("a slow video is spoken of twice a minute, a fast one never", () => {
  const lines: string[] = [];
  let seconds = 0;
  const told = slowVideoLog(
    (level, message) => lines.push(`${level} ${message}`),
    "a.mp4",
    1000,
    () => seconds * 1000,
  );
  for (seconds = 0; seconds <= 65; seconds += 5) told(seconds * 10);
  expect(lines).toEqual([
    "info a.mp4: looked for cuts in 300 of 1000 frames (30 %)",
    "info a.mp4: looked for cuts in 600 of 1000 frames (60 %)",
  ]);
});
