// The wasm engine against the native one over videos of many kinds: the same facts, spans, frame counts, notes and clips,
// and sampled frames that differ by 1 of 255 at most.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine, VideoInfo } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { createWasmEngine } from "../../src/media/wasm/create_wasm_engine.ts";
import type { Span } from "../../src/types.ts";
import {
  fast,
  ffmpeg,
  picture,
  type SplitOutcome,
  splitAll,
  tone,
  turnClockwise,
} from "./generated_videos.ts";

let folder: TempFolder;
let native: MediaEngine;
let wasm: MediaEngine;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  [native, wasm] = await Promise.all([createNativeEngine(), createWasmEngine()]);
});
afterAll(() => folder.remove());

const small = picture("80x48", "25", 2);
const vp9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"];

/** File name, what it shows, and the arguments that make it. */
const table: readonly (readonly [file: string, args: readonly string[]])[] = [
  ["b_frames.mp4", [...small, "-c:v", "libx264", "-bf", "3", "-g", "20"]],
  ["odd_size.mp4", [...picture("81x47", "30000/1001", 2), ...fast, "-pix_fmt", "yuv444p"]],
  ["variable_rate.mkv", [...small, "-vf", "select='not(mod(n,3))+gt(n,30)'", "-fps_mode", "vfr", ...fast]],
  ["late_start.ts", [...small, "-output_ts_offset", "5", ...fast]],
  ["ten_bits.mp4", [...small, ...fast, "-pix_fmt", "yuv420p10le"]],
  ["wide_gamut.mp4", [...small, ...fast, "-colorspace", "bt2020nc", "-pix_fmt", "yuv420p10le"]],
  ["more_chroma.mp4", [...small, ...fast, "-pix_fmt", "yuv422p10le"]],
  ["alpha.mkv", [...small, "-c:v", "ffv1", "-pix_fmt", "yuva420p"]],
  ["full_range.mp4", [...small, ...fast, "-pix_fmt", "yuvj420p", "-color_range", "pc"]],
  ["rgb.mkv", [...small, "-c:v", "ffv1", "-pix_fmt", "gbrp"]],
  ["interlaced.mpg", [...picture("80x48", "25", 2), "-c:v", "mpeg2video", "-flags", "+ilme+ildct"]],
  ["opus.webm", [...small, ...tone(2), ...vp9, "-c:a", "libopus"]],
  ["vorbis.webm", [...small, ...tone(2), "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"]],
  ["mp3.avi", [...small, ...tone(2), "-c:v", "mpeg4", "-bf", "2", "-c:a", "libmp3lame"]],
  ["pcm.mov", [...small, ...tone(2), ...fast, "-c:a", "pcm_s16le"]],
  ["flac.mkv", [...small, ...tone(2), ...fast, "-c:a", "flac"]],
  ["h265.mp4", [...small, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"]],
  ["flash.flv", [...small, ...tone(2), "-c:v", "flv1", "-c:a", "aac"]],
];

test.each(table)("agrees on %s", async (file, args) => {
  const path = folder.file(file);
  await ffmpeg(...args, path);
  await agree(path);
});

test("agrees on a turned video with an edit list", async () => {
  const path = folder.file("turned.mp4");
  await ffmpeg(...picture("80x48", "25", 2), ...tone(2), "-c:v", "libx264", "-bf", "2", "-c:a", "aac", path);
  const bytes = await readFile(path);
  turnClockwise(bytes, 48);
  await writeFile(path, bytes);
  expect(await agree(path)).toMatchObject({ width: 48, height: 80, rotationDegrees: 90 });
});

test("agrees on clips cut at key frames without encoding", async () => {
  const path = folder.file("groups.mkv");
  await ffmpeg(...small, ...tone(2), "-c:v", "libx264", "-bf", "2", "-g", "10", "-c:a", "aac", path);
  const source = { kind: "file", path } as const;
  const info = await native.probe(source);
  const cuts = [...info.keyFrames!.entries.map((frame) => info.frameTimes[frame]!), info.durationSeconds];
  const spans = cuts.slice(1).map((endSeconds, i) => ({ startSeconds: cuts[i]!, endSeconds }));
  const byNative = await splitAll(native, source, info, spans, { encoder: "copy" });
  const byWasm = await splitAll(wasm, source, info, spans, { encoder: "copy" });
  expect(byNative.clips).toHaveLength(5);
  expect(byWasm.report).toEqual(byNative.report);
  expect(clipFacts(byWasm)).toEqual(clipFacts(byNative));
  expect(byWasm.frames).toEqual(byNative.frames);
});

test("agrees on a video whose clock starts anew", async () => {
  const path = folder.file("joined.mpg");
  await ffmpeg(...small, ...tone(2), "-c:v", "mpeg2video", "-bf", "2", "-c:a", "mp2", path);
  const bytes = await readFile(path);
  await writeFile(path, Buffer.concat([bytes, bytes]));
  expect(await agree(path)).toMatchObject({ frameCount: 100, durationSeconds: 4 });
});

test("agrees on a damaged video", async () => {
  const path = folder.file("damaged.ts");
  await ffmpeg(...picture("80x48", "25", 2), ...fast, "-g", "10", path);
  const bytes = await readFile(path);
  bytes.fill(0, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.6));
  await writeFile(path, bytes);
  await agree(path);
});

async function agree(path: string): Promise<VideoInfo> {
  const source = { kind: "file", path } as const;
  const info = await native.probe(source);
  expect(await wasm.probe(source)).toEqual(info);
  // A first clip, then a gap, then one to the end.
  const spans: Span[] = [
    { startSeconds: 0, endSeconds: 0.8 },
    { startSeconds: 1.2, endSeconds: info.durationSeconds },
  ];
  const [byNative, byWasm] = [
    await splitAll(native, source, info, spans),
    await splitAll(wasm, source, info, spans),
  ];
  expect(byWasm.report).toEqual(byNative.report);
  expect(clipFacts(byWasm)).toEqual(clipFacts(byNative));
  expect(byWasm.frames.length).toBe(byNative.frames.length);
  byWasm.frames.forEach(({ frame, ...place }, i) => {
    const { frame: expected, ...expectedPlace } = byNative.frames[i]!;
    expect(place).toEqual(expectedPlace);
    const { data, ...geometry } = frame;
    const { data: expectedData, ...expectedGeometry } = expected;
    expect(geometry).toEqual(expectedGeometry);
    expect(largestDifference(data, expectedData)).toBeLessThanOrEqual(1);
  });
  return info;
}

/** Sizes in bytes are those of two versions of an encoder. */
function clipFacts({ clips }: SplitOutcome): unknown[] {
  return clips.map(({ index, info: { sizeBytes: _, ...facts } }) => ({ index, ...facts }));
}

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  return largest;
}
