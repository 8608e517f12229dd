// Where a decode that begins late in a video seeks to, and that it then gives what a decode of the whole gives.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { seekPoint } from "../../src/media/seek_point.ts";
import { ffmpeg, picture, splitAll, tone } from "./generated_videos.ts";

describe("the seek point", () => {
  const frameTimes = Float64Array.from({ length: 200 }, (_, i) => i / 10);
  const entries = [0, 25, 60, 110];
  const info = { frameTimes, keyFrames: { all: entries, entries, primingPackets: 0, trailingPackets: 0 } };
  const stream = { seekable: true, startSeconds: 100, timesFromRate: false };

  test("is the last frame that parts the video a second before the first that is wanted", () => {
    expect(seekPoint(info, stream, 130)).toBeCloseTo(111.05, 9);
    expect(seekPoint(info, stream, 120)).toBeCloseTo(111.05, 9);
    expect(seekPoint(info, stream, 119)).toBeCloseTo(106.05, 9);
    expect(seekPoint(info, stream, 40)).toBeCloseTo(102.55, 9);
  });

  test("is the start where that is near, or where the container has no index, no times or no key frames", () => {
    expect(seekPoint(info, stream, 20)).toBeNull();
    expect(seekPoint(info, { ...stream, seekable: false }, 130)).toBeNull();
    expect(seekPoint(info, { ...stream, timesFromRate: true }, 130)).toBeNull();
    expect(seekPoint({ frameTimes }, stream, 130)).toBeNull();
  });
});

describe("a late part of a video", () => {
  let folder: TempFolder;
  beforeAll(async () => {
    folder = await createTempFolder("clipsieve-test-");
  });
  afterAll(() => folder.remove());

  const grouped = ["-preset", "veryfast", "-g", "25"];
  /** Without key frames but the first: pictures are renewed strip by strip, from 2.7 seconds on. */
  const refreshed = ["-preset", "ultrafast", "-g", "160", "-x264-params", "intra-refresh=1"];

  test.each([
    ["parts.mp4", "25", grouped],
    ["parts.mkv", "25", grouped],
    ["parts.ts", "25", grouped],
    ["refreshed.mp4", "60", refreshed],
    ["refreshed.mkv", "60", refreshed],
  ])("of %s is what it is in the whole", async (file, rate, options) => {
    const path = folder.file(file);
    const video = ["-c:v", "libx264", ...options, "-c:a", "aac"];
    await ffmpeg(...picture("64x64", rate, 8), ...tone(8), ...video, "-output_ts_offset", "3", path);
    const engine = await createNativeEngine();
    const source = { kind: "file", path } as const;
    const info = await engine.probe(source);
    const spans = [0, 2, 4, 6].map((start) => ({ startSeconds: start, endSeconds: start + 2 }));
    expect(info.stream?.seekable).toBe(!file.endsWith(".ts"));
    const whole = await splitAll(engine, source, info, spans);
    const late = await splitAll(engine, source, info, spans.slice(2));
    expect(whole.report.decodeErrors).toBe(0);
    expect(late.report).toEqual(whole.report);
    expect(
      late.clips.map(({ info: clip }) => [clip.frameCount, clip.durationSeconds, clip.audioCodec]),
    ).toEqual(
      whole.clips.slice(2).map(({ info: clip }) => [clip.frameCount, clip.durationSeconds, clip.audioCodec]),
    );
    expect(late.frames).toHaveLength(6);
    late.frames.forEach(({ frame }, i) => {
      expect(Buffer.compare(frame.data, whole.frames[6 + i]!.frame.data)).toBe(0);
    });
  });
});
