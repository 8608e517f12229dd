// Cuts of generated videos by the GPU, through a real decode: hard cuts are found at their frame, movement and slow change
// are none, and the spans give a split exactly the frames of each scene.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { type ContentOptions, content, contentSettings } from "../../src/video/content_planner.ts";
import { lumaOnly, scoredSize, scoreFrames } from "../../src/video/content_scores.ts";
import type { SpanPlan, VideoToCut } from "../../src/video/span_planner.ts";
import { fast, ffmpeg, splitAll } from "../media/generated_videos.ts";
import { useGpu } from "../support/gpu.ts";

let folder: TempFolder;
let engine: MediaEngine;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  engine = await createNativeEngine();
});
afterAll(() => folder.remove());

/** Scenes of one colour, each given with its number of frames at 10 per second. */
async function scenes(name: string, ...parts: (readonly [string, number])[]): Promise<void> {
  const inputs = parts.flatMap(([color, frames]) => [
    ...["-f", "lavfi", "-i", `color=${color}:size=64x48:rate=10:duration=${frames / 10}`],
  ]);
  await ffmpeg(...inputs, "-filter_complex", `concat=n=${parts.length}`, ...fast, folder.file(name));
}

describe("content", () => {
  const context = useGpu();

  async function opened(name: string): Promise<VideoToCut> {
    const source = { kind: "file", path: folder.file(name) } as const;
    const info = await engine.probe(source);
    const signal = new AbortController().signal;
    const shotModel = () => Promise.reject(new Error("not part of this test"));
    return { source, info, engine, gpu: async () => context.gpu, shotModel, signal };
  }
  const plan = async (name: string, options: ContentOptions = {}): Promise<SpanPlan> =>
    content.plan(await opened(name), { content: options });

  test("hard cuts are found at their first frame, and a split yields each scene whole", async () => {
    await scenes("cuts.mp4", ["red", 33], ["blue", 30], ["green", 41]);
    const { spans, cuts } = await plan("cuts.mp4");
    expect(cuts!.map(({ frame, seconds }) => [frame, seconds])).toEqual([
      [33, 3.3],
      [63, 6.3],
    ]);
    for (const { score } of cuts!) expect(score).toBeGreaterThan(27);
    const { source, info } = await opened("cuts.mp4");
    const { clips, report } = await splitAll(engine, source, info, spans);
    expect(report.emptySpans).toEqual([]);
    expect(clips.map((clip) => clip.info.frameCount)).toEqual([33, 30, 41]);
  });

  test("more frames than one batch holds are compared across batches", async () => {
    await scenes("long.mp4", ["red", 128], ["blue", 72]);
    const scored = await scoreFrames(await opened("long.mp4"));
    expect(scored.frames).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(scored.scores.length).toBe(200);
    expect(scored.scores.flatMap((score, frame) => (score > 1 ? [frame] : []))).toEqual([128]);
  });

  test("the score is the mean of what hue, saturation and value differ by", async () => {
    // Red and blue of full range differ by 120 half degrees of hue and by little else.
    await scenes("hues.mp4", ["red", 20], ["blue", 20]);
    const video = await opened("hues.mp4");
    const [equal, luma] = [await scoreFrames(video), await scoreFrames(video, lumaOnly)];
    expect(equal.scores[20]).toBeGreaterThan(38);
    expect(equal.scores[20]).toBeLessThan(42);
    expect(luma.scores[20]).toBeLessThan(4);
  });

  test("a fade is no cut", async () => {
    const fade = ["-f", "lavfi", "-i", "color=white:size=64x48:rate=10:duration=6", "-vf", "fade=in:0:50"];
    await ffmpeg(...fade, ...fast, folder.file("fade.mp4"));
    expect((await plan("fade.mp4")).cuts).toEqual([]);
    expect((await plan("fade.mp4", { detector: "adaptive" })).cuts).toEqual([]);
  });

  test("flicker makes scenes of its own only where scenes may be that short", async () => {
    const flicker = Array.from({ length: 12 }, (_, i) => [i % 2 === 0 ? "red" : "blue", 3] as const);
    await scenes("flicker.mp4", ["red", 30], ...flicker, ["blue", 30]);
    const fixed = await plan("flicker.mp4", { minSceneFrames: 0 });
    expect(fixed.cuts!.length).toBe(11);
    const merged = await plan("flicker.mp4", { minSceneFrames: 10 });
    expect(merged.cuts!.map(({ frame }) => frame)).toEqual([33, 63]);
  });

  test("keeps the first clips where they are limited", async () => {
    await scenes("cuts.mp4", ["red", 33], ["blue", 30], ["green", 41]);
    const { spans, cuts } = await content.plan(await opened("cuts.mp4"), { limitClips: 2 });
    expect([spans.length, cuts!.length]).toEqual([2, 2]);
  });

  test("a decode that fails midway frees the GPU and is told as it is", async () => {
    const video = await opened("cuts.mp4");
    const failing: MediaEngine = Object.create(engine, {
      scan: {
        value: async (...[, onFrame]: Parameters<MediaEngine["scan"]>) => {
          for (let index = 0; index < 70; index++)
            await onFrame({ index, timeSeconds: index / 10, rgb: new Uint8Array(64 * 48 * 3) });
          throw new InputError("decode-failed", "Cannot decode it");
        },
      },
    });
    await expect(content.plan({ ...video, engine: failing }, {})).rejects.toThrow("Cannot decode it");
    expect((await plan("cuts.mp4")).cuts!.length).toBe(2);
  });
});

test("frames are compared at PySceneDetect's size", () => {
  expect(scoredSize({ width: 1280, height: 720 })).toEqual({ width: 256, height: 144 });
  expect(scoredSize({ width: 480, height: 640 })).toEqual({ width: 192, height: 256 });
  expect(scoredSize({ width: 64, height: 48 })).toEqual({ width: 64, height: 48 });
  expect(scoredSize({ width: 4000, height: 2 })).toEqual({ width: 256, height: 1 });
});

test("only options of the chosen detector decide", () => {
  expect(contentSettings({ detector: "adaptive", threshold: 1 })).toEqual(
    contentSettings({ detector: "adaptive", threshold: 2 }),
  );
  expect(contentSettings({ threshold: 1 })).not.toEqual(contentSettings({ threshold: 2 }));
  expect(content.shortest({ content: { minLengthSeconds: 3 } })).toEqual({
    seconds: 3,
    flag: "--content-min-length-s",
  });
});
