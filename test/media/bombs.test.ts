// Small files that claim much: frames of gigabytes, days of nothing, a thousand frames a second, durations that are not
// there. They are refused by name of a limit, or cost what they really hold.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { fixedStrideSpans } from "../../src/video/fixed_stride.ts";
import { watchMemory } from "../support/process_memory.ts";
import { fast, ffmpeg, picture, splitAll } from "./generated_videos.ts";

let folder: TempFolder;
let engine: MediaEngine;
const gigabyte = 1e9;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  engine = await createNativeEngine();
});
afterAll(() => folder.remove());

const fileOf = (name: string) => ({ kind: "file", path: folder.file(name) }) as const;

/** Most memory that this process and its children take beyond what they had. */
async function costOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  const memory = watchMemory(process.pid, 20);
  return await work()
    .then(() => memory.stop() - before)
    .finally(() => memory.stop());
}

test("a picture of 16000x16000 is refused before it takes memory", async () => {
  const source = fileOf("pixels.mp4");
  await ffmpeg(...picture("64x64", "1", 1), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", source.path);
  const bytes = await readFile(source.path);
  // The start of frame of the JPEG and the sample entry both say how large the picture is.
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0])) + 5;
  const entry = bytes.lastIndexOf("mp4v", bytes.indexOf("stts")) + 28;
  for (const at of [frame, frame + 2, entry, entry + 2]) bytes.writeUInt16BE(16_000, at);
  await writeFile(source.path, bytes);
  const cost = await costOf(() =>
    expect(engine.probe(source)).rejects.toMatchObject({
      reason: "limit-pixels",
      message: expect.stringMatching(/--max-pixels 67108864: .*pixels\.mp4 has 16000x16000/),
    }),
  );
  expect(cost).toBeLessThan(gigabyte);
});

test("frames that grow in mid-stream are not decoded", async () => {
  const source = fileOf("grows.ts");
  const parts = ["small", "large"].map((name) => folder.file(`${name}.ts`));
  await ffmpeg(...picture("64x64", "10", 1), ...fast, parts[0]!);
  await ffmpeg(...picture("1280x720", "10", 1), ...fast, parts[1]!);
  await writeFile(source.path, Buffer.concat(await Promise.all(parts.map((part) => readFile(part)))));
  const strict = await createNativeEngine({ maxPixels: 100_000 });
  const info = await strict.probe(source);
  const { report, clips } = await splitAll(
    strict,
    source,
    info,
    fixedStrideSpans(info, { clipLengthSeconds: 1, minClipLengthSeconds: 0 }),
  );
  expect(report.decodeErrors).toBeGreaterThan(0);
  for (const { info: clip } of clips) expect([clip.width, clip.height]).toEqual([64, 64]);
});

test("a day of one still picture is as many spans as it lasts, and no more work than it holds", async () => {
  const source = fileOf("day.mp4");
  await ffmpeg(...picture("16x16", "1/60", 86_400), ...fast, source.path);
  const info = await engine.probe(source);
  expect(info.frameCount).toBe(1440);
  expect(fixedStrideSpans(info, { clipLengthSeconds: 10 })).toHaveLength(1440);
  const spans = fixedStrideSpans(info, { clipLengthSeconds: 21_600 });
  const cost = await costOf(async () => {
    const { clips } = await splitAll(engine, source, info, spans);
    expect(clips.map((clip) => clip.info.frameCount)).toEqual([360, 360, 360, 360]);
  });
  expect(cost).toBeLessThan(gigabyte);
});

test("a thousand frames a second are clips of a thousand frames a second", async () => {
  const source = fileOf("rate.mp4");
  await ffmpeg(...picture("16x16", "1000", 4), ...fast, source.path);
  const info = await engine.probe(source);
  const { clips } = await splitAll(engine, source, info, fixedStrideSpans(info, { clipLengthSeconds: 2 }));
  expect(clips.map((clip) => clip.info.frameCount)).toEqual([2000, 2000]);
});

test("a header that claims days is not believed", async () => {
  const source = fileOf("claims.mp4");
  await ffmpeg(...picture("64x64", "10", 3), ...fast, source.path);
  const bytes = await readFile(source.path);
  // mvhd, tkhd and mdhd of version 0 hold a duration at these offsets from their types.
  for (const [box, offset] of [
    ["mvhd", 20],
    ["tkhd", 24],
    ["mdhd", 20],
  ] as const)
    bytes.writeUInt32BE(0x7fff_ffff, bytes.indexOf(box) + offset);
  await writeFile(source.path, bytes);
  const info = await engine.probe(source);
  expect(info.frameCount).toBe(30);
  expect(info.durationSeconds).toBeCloseTo(3, 1);
});

test("a clock that jumps by a year makes clips where frames are", async () => {
  const source = fileOf("jump.mkv");
  const jump = ["-vf", "setpts='PTS+if(gte(N,20),31536000/TB,0)'", "-fps_mode", "passthrough"];
  await ffmpeg(...picture("64x64", "10", 4), ...jump, ...fast, source.path);
  const info = await engine.probe(source);
  const spans = fixedStrideSpans(info, { clipLengthSeconds: 1, minClipLengthSeconds: 0 });
  expect(spans.length).toBeLessThan(7);
  const { clips, report } = await splitAll(engine, source, info, spans);
  const kept = clips.reduce((sum, clip) => sum + clip.info.frameCount, 0);
  expect(kept).toBe(40);
  expect(report.emptySpans).toEqual([]);
});
