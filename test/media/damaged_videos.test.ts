// Damage: packets that do not decode, a file cut off in the middle. Frames that come keep their places; clips without any
// frame are named, and never delivered.
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import {
  decode,
  fast,
  ffmpeg,
  ffprobe,
  framesByNumber,
  picture,
  splitAll,
  tone,
} from "./generated_videos.ts";

let folder: TempFolder;
let engine: MediaEngine;
let whole: string;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  engine = await createNativeEngine();
  whole = folder.file("whole.mp4");
  const index = ["-g", "5", "-movflags", "+faststart"];
  await ffmpeg(...picture("128x96", "10", 8), ...tone(8), ...fast, ...index, "-c:a", "aac", whole);
});
afterAll(() => folder.remove());

/** The video with the packets of some frames made unreadable. */
async function damage(name: string, isDamaged: (frame: number) => boolean): Promise<string> {
  const bytes = await readFile(whole);
  const packets = await ffprobe(
    "-select_streams",
    "v:0",
    "-show_entries",
    "packet=pos,size",
    "-of",
    "csv=p=0",
    whole,
  );
  packets.split("\n").forEach((line, frame) => {
    const [size, position] = line.split(",").map(Number);
    if (isDamaged(frame)) bytes.fill(0xff, position!, position! + size!);
  });
  const path = folder.file(name);
  await writeFile(path, bytes);
  return path;
}

const spans = [0, 2, 4, 6].map((startSeconds) => ({ startSeconds, endSeconds: startSeconds + 2 }));

test.each([
  ["in the middle", (frame: number) => frame >= 20 && frame < 40, [1], [20, 20, 20]],
  ["at the start", (frame: number) => frame < 20, [0], [20, 20, 20]],
  ["twice", (frame: number) => frame < 20 || (frame >= 40 && frame < 60), [0, 2], [20, 20]],
  ["at the end", (frame: number) => frame >= 60, [3], [20, 20, 20]],
  ["in parts of a clip", (frame: number) => frame >= 20 && frame < 30, [], [20, 10, 20, 20]],
])("a clip lost %s", async (name, isDamaged, emptySpans, frameCounts) => {
  const path = await damage(`${name}.mp4`, isDamaged);
  const source = { kind: "file", path } as const;
  const info = await engine.probe(source);
  expect(info.frameCount).toBe(80);
  const { report, clips, frames } = await splitAll(engine, source, info, spans);
  expect(report.emptySpans).toEqual(emptySpans);
  expect(report.decodeErrors).toBeGreaterThan(0);
  const kept = [0, 1, 2, 3].filter((index) => !emptySpans.includes(index));
  expect(clips.map((clip) => clip.index)).toEqual(kept);
  expect(clips.map((clip) => clip.info.frameCount)).toEqual(frameCounts);
  expect(frames.map(({ clip, sample }) => `${clip}.${sample}`)).toEqual(
    kept.flatMap((clip) => [0, 1, 2].map((sample) => `${clip}.${sample}`)),
  );
  for (const { bytes, info: clip } of [clips[0]!, clips.at(-1)!]) {
    const file = folder.file("clip.mp4");
    await writeFile(file, bytes);
    expect((await decode(file)).frameCount).toBe(clip.frameCount);
  }
  // Frames of undamaged clips are those of the undamaged video.
  const last = frames.filter(({ clip }) => clip === kept.at(-1));
  expect(Buffer.compare(last[2]!.frame.data, await framesByNumber(whole, [kept.at(-1)! * 20 + 19]))).toBe(0);

  const framesAlone = await splitAll(engine, source, info, spans, { encoder: null });
  expect(framesAlone.report.emptySpans).toEqual(emptySpans);
  expect(framesAlone.frames.map((frame) => Buffer.from(frame.frame.data).toString("base64"))).toEqual(
    frames.map((frame) => Buffer.from(frame.frame.data).toString("base64")),
  );
});

test("a sample whose frame is lost takes the nearest of its clip", async () => {
  const path = await damage("nearest.mp4", (frame) => frame >= 30 && frame < 40);
  const source = { kind: "file", path } as const;
  const info = await engine.probe(source);
  const { frames } = await splitAll(engine, source, info, spans, {
    encoder: null,
    sampleFrames: [[], [22, 38, 39], [], []],
  });
  expect(frames.map(({ clip, sample }) => `${clip}.${sample}`)).toEqual(["1.0", "1.1", "1.2"]);
  expect(Buffer.compare(frames[0]!.frame.data, await framesByNumber(whole, [22]))).toBe(0);
  for (const sample of [1, 2])
    expect(Buffer.compare(frames[sample]!.frame.data, frames[0]!.frame.data)).toBe(0);
});

test("a file cut off keeps the frames before the cut", async () => {
  const bytes = await readFile(whole);
  const path = folder.file("cut.mp4");
  await writeFile(path, bytes.subarray(0, Math.floor(bytes.byteLength * 0.6)));
  const source = { kind: "file", path } as const;
  const info = await engine.probe(source);
  const { report, clips } = await splitAll(engine, source, info, spans);
  const inClips = clips.reduce((sum, clip) => sum + clip.info.frameCount, 0);
  expect(inClips).toBeGreaterThan(20);
  expect(inClips).toBeLessThan(80);
  expect(clips.length + report.emptySpans.length).toBe(4);
});

test("a video of which no frame decodes fails by name", async () => {
  const path = await damage("nothing.mp4", () => true);
  const source = { kind: "file", path } as const;
  const info = await engine.probe(source);
  const split = splitAll(engine, source, info, spans);
  await expect(split).rejects.toThrow(InputError);
  await expect(split).rejects.toMatchObject({ reason: "decode-failed" });
  await expect(split).rejects.toThrow(/nothing\.mp4/);
});

test("frames that a file gains after its probe are in no clip", async () => {
  const path = folder.file("growing.ts");
  const streamed = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10", ...fast, "-g", "10"];
  await ffmpeg(...streamed, "-t", "4", path);
  const source = { kind: "file", path } as const;
  const info = await engine.probe(source);
  const more = folder.file("more.ts");
  await ffmpeg(...streamed, "-t", "3", "-output_ts_offset", "4", more);
  await appendFile(path, await readFile(more));
  const { clips, frames, report } = await splitAll(engine, source, info, spans.slice(0, 2));
  expect(info.frameCount).toBe(40);
  expect(clips.map((clip) => clip.info.frameCount)).toEqual([20, 20]);
  expect(frames).toHaveLength(6);
  expect(report).toMatchObject({ decodeErrors: 0, emptySpans: [] });
});
