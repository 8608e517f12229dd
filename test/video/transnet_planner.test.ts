// Cuts of a video that lost frames to damage: a scan without ffmpeg, a model that sees any change of brightness.
import { expect, test } from "vitest";
import type { ScannedFrame, ScanRequest, VideoInfo } from "../../src/media/engine.ts";
import type { ShotModel } from "../../src/video/shot_model.ts";
import { transnetv2 } from "../../src/video/transnet_planner.ts";

const frameBytes = 48 * 27 * 3;
const frameCount = 400;
const info = {
  ...{ frameCount, frameRate: 10, durationSeconds: 40 },
  frameTimes: Float64Array.from({ length: frameCount }, (_, index) => index / 10),
} as VideoInfo;

/** Frames 100 to 199 do not decode; the picture changes with frame 300. */
async function scan(_request: ScanRequest, onFrame: (frame: ScannedFrame) => Promise<void>) {
  for (const [index, timeSeconds] of info.frameTimes.entries()) {
    if (index >= 100 && index < 200) continue;
    await onFrame({ index, timeSeconds, rgb: new Uint8Array(frameBytes).fill(index < 300 ? 10 : 200) });
  }
  return { decodeErrors: 0 };
}

const model = {
  judge: async (rgb: Uint8Array, count: number) =>
    Float32Array.from({ length: count }, (_, i) =>
      i > 0 && rgb[i * frameBytes] !== rgb[(i - 1) * frameBytes] ? 0.9 : 0,
    ),
} as ShotModel;

test.each([
  ["of the source", "none", 301],
  ["as the reference counts", "nemo", 201],
] as const)("the frame number of a cut after lost frames is %s", async (_, compat, frame) => {
  const { cuts } = await transnetv2.plan(
    {
      ...{ source: { kind: "file", path: "v.mp4" }, info },
      engine: { scan } as Parameters<typeof transnetv2.plan>[0]["engine"],
      gpu: () => Promise.reject(new Error("not needed")),
      ...{ shotModel: async () => model, signal: new AbortController().signal },
    },
    { compat },
  );
  expect(cuts).toEqual([{ frame, seconds: 30.1, score: 0.9 }]);
});
