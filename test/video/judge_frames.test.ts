import { describe, expect, test } from "vitest";
import { InputError, ModelError } from "../../src/errors.ts";
import type { MediaEngine, VideoInfo } from "../../src/media/engine.ts";
import { judgeFrames, type VideoToJudge } from "../../src/video/judge_frames.ts";
import type { ShotModel } from "../../src/video/shot_model.ts";
import { frameBytes } from "../../src/video/transnet_windows.ts";

/** A video whose frame i is filled with the byte i mod 251; it fails where `fails` says so. */
function video(frameCount: number, fails?: { readonly at: number }) {
  const sent = { frames: 0 };
  const scan: MediaEngine["scan"] = async ({ width, height, scaler }, onFrame) => {
    expect([width, height, scaler]).toEqual([48, 27, "bicubic"]);
    for (let index = 0; index < frameCount; index++) {
      if (index === fails?.at) throw new InputError("decode-failed", "broken on purpose");
      sent.frames = index + 1;
      const rgb = new Uint8Array(frameBytes).fill(index % 251);
      await onFrame({ index, timeSeconds: index / 25, rgb });
    }
    return { decodeErrors: 0 };
  };
  const info = { frameCount: frameCount + 3, frameRate: 25, durationSeconds: frameCount / 25 } as VideoInfo;
  const given: VideoToJudge = {
    source: { kind: "bytes", bytes: new Uint8Array(), name: "a.mp4" },
    info,
    engine: { scan },
    signal: new AbortController().signal,
  };
  return { given, sent };
}

/** Answers for each frame with its byte, as a share of 255, a while later. */
function model(onWindow: (frameCount: number) => void = () => undefined): ShotModel {
  return {
    spec: undefined as never,
    backend: "cpu",
    judge: async (rgb, frameCount) => {
      await new Promise((resolve) => setImmediate(resolve));
      onWindow(frameCount);
      return Float32Array.from({ length: frameCount }, (_, frame) => rgb[frame * frameBytes]! / 255);
    },
    close: async () => undefined,
  };
}

describe("judgeFrames()", () => {
  test.each([1, 74, 75, 100, 333])("gives each of %i frames its own answer and time", async (frameCount) => {
    const { probabilities, times, durationSeconds } = await judgeFrames(video(frameCount).given, model());
    expect(Array.from(probabilities, (value) => Math.round(value * 255))).toEqual(
      Array.from({ length: frameCount }, (_, frame) => frame % 251),
    );
    expect([times.length, times[frameCount - 1], durationSeconds]).toEqual([
      frameCount,
      (frameCount - 1) / 25,
      frameCount / 25,
    ]);
  });

  test("decodes at most one window ahead of the model", async () => {
    const { given, sent } = video(2000);
    let windows = 0;
    let ahead = 0;
    const slow = model(() => {
      ahead = Math.max(ahead, sent.frames - 50 * windows++);
    });
    const told: number[] = [];
    await judgeFrames({ ...given, onFrames: (frames) => told.push(frames) }, slow);
    expect(windows).toBe(40);
    expect(told).toEqual(Array.from({ length: 40 }, (_, index) => 50 * (index + 1)));
    // The 75 frames that make a window whole, and 50 more that make the next.
    expect(ahead).toBeLessThanOrEqual(125);
  });

  test("nemo: feeds the last windows as short as the reference does", async () => {
    const sizes: number[] = [];
    await judgeFrames(
      video(124).given,
      model((size) => sizes.push(size)),
      "nemo",
    );
    expect(sizes).toEqual([100, 99, 49]);
  });

  test("rejects as the model does, and as the scan does", async () => {
    const broken: ShotModel = { ...model(), judge: async () => Promise.reject(new ModelError("no answer")) };
    await expect(judgeFrames(video(500).given, broken)).rejects.toThrow(ModelError);
    await expect(judgeFrames(video(30).given, broken)).rejects.toThrow(ModelError);
    await expect(judgeFrames(video(500, { at: 80 }).given, broken)).rejects.toThrow("broken on purpose");
  });
});
