// Pictures whose size changes on the way. ffmpeg then makes its filters anew: whatever they hold is gone, and what they write
// to is opened again.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { VideoInfo } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { createWasmEngine } from "../../src/media/wasm/create_wasm_engine.ts";
import { decode, fast, ffmpeg, picture, splitAll } from "./generated_videos.ts";

let folder: TempFolder;
const spans = [0, 2, 4, 6].map((startSeconds) => ({ startSeconds, endSeconds: startSeconds + 2 }));
const engines = { native: createNativeEngine, wasm: createWasmEngine };

/** 80 frames: the first `smaller` are of 64x64, the others of 96x80, with times that go on or start anew. */
async function changing(
  name: string,
  smaller: number,
  startsAnew: boolean,
): Promise<{ kind: "file"; path: string }> {
  const parts: Buffer[] = [];
  for (const [size, first, count] of [
    ["64x64", 0, smaller] as const,
    ["96x80", smaller, 80 - smaller] as const,
  ]) {
    const path = folder.file(`${size} of ${name}`);
    const offset = ["-output_ts_offset", String(startsAnew ? 0 : first / 10)];
    await ffmpeg(...picture(size, "10", count / 10), ...fast, "-g", "20", ...offset, "-muxdelay", "0", path);
    parts.push(await readFile(path));
  }
  const path = folder.file(name);
  await writeFile(path, Buffer.concat(parts));
  return { kind: "file", path };
}

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
});
afterAll(() => folder.remove());

test.each([
  ["native", "at a cut", 40],
  ["native", "within a clip", 50],
  ["native", "early", 20],
  ["wasm", "at a cut", 40],
  ["wasm", "within a clip", 50],
  ["native", "with the clock", 40],
  ["wasm", "with the clock", 40],
] as const)("%s: %s, no clip is lost and each sampled frame is its own", async (kind, where, smaller) => {
  const engine = await engines[kind]();
  const source = await changing(`${kind} ${where}.ts`, smaller, where === "with the clock");
  const info: VideoInfo = await engine.probe(source);
  expect(info).toMatchObject({ frameCount: 80, width: 64, height: 64 });
  const outcome = await splitAll(engine, source, info, spans, {
    grayFrames: { width: 16, height: 16, frames: spans.map((_, i) => [20 * i, 20 * i + 19]) },
    previews: {
      framesPerSecond: 2,
      height: 32,
      windows: spans.map(() => [{ first: 0, end: 20 }]),
    },
  });
  expect(outcome.report).toMatchObject({
    ...{ decodeErrors: 0, emptySpans: [] },
    notes: where === "with the clock" ? [expect.stringContaining("the clock starts anew")] : [],
  });
  expect(outcome.clips.map(({ index, info }) => [index, info.frameCount])).toEqual([
    [0, 20],
    [1, 20],
    [2, 20],
    [3, 20],
  ]);
  for (const { index, bytes } of outcome.clips) {
    await folder.write(`${index}.mp4`, bytes);
    expect(await decode(folder.file(`${index}.mp4`))).toMatchObject({ frameCount: 20 });
  }
  expect(outcome.previews.map(({ clip }) => clip)).toEqual([0, 1, 2, 3]);
  expect(outcome.grayFrames.map(({ clip, sample }) => [clip, sample])).toEqual(
    spans.flatMap((_, clip) => [0, 1].map((sample) => [clip, sample])),
  );
  const expected = await ffmpeg(
    ...["-i", source.path, "-vf", "scale=64:64", "-fps_mode", "passthrough", "-pix_fmt", "yuv420p"],
    ...["-f", "rawvideo", "pipe:1"],
  );
  const frameBytes = (64 * 64 * 3) / 2;
  expect(outcome.frames).toHaveLength(12);
  for (const { clip, sample, frame } of outcome.frames) {
    const number = 20 * clip + [0, 9, 19][sample]!;
    const wanted = expected.subarray(number * frameBytes, (number + 1) * frameBytes);
    const off = frame.data.reduce((sum, value, i) => sum + Math.abs(value - wanted[i]!), 0) / frameBytes;
    expect([clip, sample, off < 1]).toEqual([clip, sample, true]);
  }
});
