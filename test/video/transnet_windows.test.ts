import { describe, expect, test } from "vitest";
import { frameBytes, TransnetWindows } from "../../src/video/transnet_windows.ts";

/** Streams frames filled with their own number, and reads each window as it comes. */
function windowsOf(frameCount: number, compat: "none" | "nemo" = "none") {
  const windows = new TransnetWindows(compat);
  const seen: { readonly frames: readonly number[]; readonly predictedCount: number }[] = [];
  const note = (window: ReturnType<TransnetWindows["add"]>): void => {
    if (window === undefined) return;
    expect(window.rgb).toHaveLength(window.frameCount * frameBytes);
    const frames = Array.from({ length: window.frameCount }, (_, i) => window.rgb[(i + 1) * frameBytes - 1]!);
    seen.push({ frames, predictedCount: window.predictedCount });
  };
  for (let frame = 0; frame < frameCount; frame++) note(windows.add(new Uint8Array(frameBytes).fill(frame)));
  for (const window of windows.finish()) note(window);
  return seen;
}

const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
const counts = [1, 10, 49, 50, 51, 74, 75, 76, 99, 100, 101, 124, 125, 126, 149, 150, 151, 175, 200, 251];

describe("TransnetWindows", () => {
  test.each(counts)("%i frames: 100 long, 25 before, padded with the first and last frame", (frameCount) => {
    const windows = windowsOf(frameCount);
    expect(windows.map(({ frames }) => frames)).toEqual(
      Array.from({ length: Math.ceil(frameCount / 50) }, (_, window) =>
        Array.from({ length: 100 }, (_, i) => clamp(window * 50 + i - 25, frameCount - 1)),
      ),
    );
  });

  test.each(counts)("%i frames: the middle frames of all windows are the video", (frameCount) => {
    for (const compat of ["none", "nemo"] as const) {
      const predicted = windowsOf(frameCount, compat).flatMap(({ frames, predictedCount }) =>
        frames.slice(25, 25 + predictedCount),
      );
      expect(predicted).toEqual(Array.from({ length: frameCount }, (_, frame) => frame));
    }
  });

  test.each([
    [10, [35]],
    [100, [100, 75]],
    [124, [100, 99, 49]],
  ])("nemo leaves the last windows of %i frames short: %j", (frameCount, sizes) => {
    expect(windowsOf(frameCount, "nemo").map(({ frames }) => frames.length)).toEqual(sizes);
  });

  test("no frames, no windows", () => {
    expect(windowsOf(0)).toEqual([]);
  });
});
