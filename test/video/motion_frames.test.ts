import { describe, expect, test } from "vitest";
import { motionFrameSize, motionFrames } from "../../src/video/motion_frames.ts";

const sampling = { targetFps: 2, targetDurationRatio: 0.5 };
const timesAt = (rate: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => i / rate);

describe("motionFrames()", () => {
  test.each([
    // 20 moments, half of which are enough; 10 of 10; 4 of 4; 25 of 50
    [0, 10, 10],
    [10, 15, 10],
    [2, 4, 4],
    [0, 25, 25],
    [0, 0.3, 1],
  ])("between %f and %f s there are %i pairs, one in each part", (startSeconds, endSeconds, count) => {
    const frames = motionFrames(timesAt(30, 900), { startSeconds, endSeconds }, sampling);
    expect(frames.length).toBe(2 * count);
    const [first, end] = [30 * startSeconds, 30 * endSeconds];
    const part = (end - first - 1) / count;
    for (let pair = 0; pair < count; pair++) {
      const [earlier, later] = [frames[2 * pair]!, frames[2 * pair + 1]!];
      expect(later).toBe(earlier + 1);
      expect(earlier).toBeGreaterThanOrEqual(Math.floor(first + pair * part));
      expect(later).toBeLessThan(first + (pair + 1) * part + 1);
    }
  });

  test("pairs do not keep step with frames that repeat", () => {
    const frames = motionFrames(timesAt(30, 300), { startSeconds: 0, endSeconds: 10 }, sampling);
    // A film at 30 frames a second repeats every fifth one.
    const repeated = frames.filter((frame, i) => i % 2 === 0 && frame % 5 === 3);
    expect(repeated.length).toBeLessThanOrEqual(4);
  });

  test("few frames give as many pairs as there are, one gives none", () => {
    const span = { startSeconds: 0, endSeconds: 100 };
    expect(motionFrames(timesAt(1, 3), span, sampling)).toEqual([0, 1, 1, 2]);
    expect(motionFrames(timesAt(1, 1), span, sampling)).toEqual([]);
    expect(motionFrames(timesAt(1, 0), span, sampling)).toEqual([]);
  });
});

test.each([
  [1920, 1080, 448, 256],
  [1080, 1920, 256, 448],
  [640, 360, 448, 256],
  [128, 96, 128, 96],
  [100, 60, 96, 64],
  [1, 1, 32, 32],
  [16_000, 16, 1024, 32],
])("frames of %i x %i are looked at in %i x %i", (width, height, frameWidth, frameHeight) => {
  expect(motionFrameSize({ width, height }, 32)).toEqual({ width: frameWidth, height: frameHeight });
});
