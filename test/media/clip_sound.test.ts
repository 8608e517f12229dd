// Copied sound: of each clip it is that of its frames, whichever clock the container has and wherever the first span begins.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { fast, ffmpeg, ffprobe, picture, splitAll, tone } from "./generated_videos.ts";

let folder: TempFolder;
let engine: MediaEngine;
let path: string;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  engine = await createNativeEngine();
  path = folder.file("six seconds.mp4");
  await ffmpeg(...picture("128x96", "25", 6), ...tone(6), ...fast, "-c:a", "aac", path);
});
afterAll(() => folder.remove());

// A span that begins late, or a little late, is the first that the muxer hears of.
test.each(
  ["mkv", "ts", "mpg"].flatMap((kind) =>
    [
      [1, 2, 4, 5.5],
      [0.4, 2, 4, 5.5],
      [3, 6],
    ].map((limits) => [kind, limits] as const),
  ),
)("sound between spans is discarded in %s, whose clock does not count samples: %j", async (kind, limits) => {
  const file = folder.file(`six seconds.${kind}`);
  const codecs = kind === "mpg" ? ["-c:v", "mpeg2video", "-c:a", "mp2"] : ["-c", "copy"];
  await ffmpeg("-i", path, ...codecs, file);
  const source = { kind: "file", path: file } as const;
  const spans = [];
  for (let i = 0; i < limits.length; i += 2)
    spans.push({ startSeconds: limits[i]!, endSeconds: limits[i + 1]! });
  const { clips } = await splitAll(engine, source, await engine.probe(source), spans);
  expect(clips).toHaveLength(spans.length);
  for (const { index, bytes, info: clip } of clips) {
    const { startSeconds, endSeconds } = spans[index]!;
    const part = folder.file("part.mp4");
    await writeFile(part, bytes);
    const entries = ["-select_streams", "a:0", "-show_entries", "stream=duration", "-of", "csv=p=0"];
    const wanted = endSeconds - startSeconds;
    expect(Math.abs(Number(await ffprobe(...entries, part)) - wanted)).toBeLessThan(0.12);
    expect(clip.frameCount).toBe(Math.round(25 * wanted));
  }
});

test("sound goes on with its frames where the clock starts anew", async () => {
  const [part, twice] = [folder.file("loud at its end.ts"), folder.file("loud twice.ts")];
  const sound = ["-f", "lavfi", "-i", "aevalsrc='gte(t,2)*sin(2764*t)':s=48000:d=3"];
  await ffmpeg(...picture("64x64", "25", 3), ...sound, ...fast, "-c:a", "aac", part);
  await writeFile(twice, Buffer.concat([await readFile(part), await readFile(part)]));
  const source = { kind: "file", path: twice } as const;
  const info = await engine.probe(source);
  const spans = [0, 1, 2, 3, 4, 5].map((second) => ({ startSeconds: second, endSeconds: second + 1 }));
  const { clips } = await splitAll(engine, source, info, spans, { sampleFrames: spans.map(() => []) });
  const loudShares: number[] = [];
  for (const { bytes } of clips) {
    const clip = folder.file("loudness.mp4");
    await writeFile(clip, bytes);
    const pcm = await ffmpeg("-i", clip, "-map", "0:a", "-ac", "1", "-f", "u8", "pipe:1");
    loudShares.push(pcm.filter((sample) => Math.abs(sample - 128) > 32).length / pcm.length);
  }
  expect(loudShares.map((share) => share > 0.5)).toEqual([false, false, true, false, false, true]);
  for (const share of loudShares) expect(Math.min(share, 1 - share)).toBeLessThan(0.3);
  await expect(splitAll(engine, source, info, spans, { encoder: "copy" })).rejects.toThrow(
    /its clock starts anew within it/,
  );
});
