// ffmpeg as WebAssembly agrees with the installed one: same frames, same spans, same pixels.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { createWasmEngine } from "../../src/media/wasm/create_wasm_engine.ts";
import { decode, fast, ffmpeg, picture, splitAll, tone, turnClockwise } from "./generated_videos.ts";

let folder: TempFolder;
let native: MediaEngine;
let wasm: MediaEngine;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  [native, wasm] = await Promise.all([createNativeEngine(), createWasmEngine()]);
});
afterAll(() => folder.remove());

test("agrees with the native engine", async () => {
  const path = folder.file("tiny.mp4");
  await ffmpeg(...picture("96x64", "30000/1001", 3), ...tone(3), ...fast, "-c:a", "aac", path);
  const bytes = await readFile(path);
  turnClockwise(bytes, 64);
  await writeFile(path, bytes);

  const source = { kind: "file", path } as const;
  const info = await native.probe(source);
  expect(await wasm.probe(source)).toEqual(info);
  expect(info).toMatchObject({ width: 64, height: 96, frameCount: 90, rotationDegrees: 90 });

  const spans = [
    [0, 1],
    [1, 2],
    [2.2, 3.003],
  ].map(([startSeconds, endSeconds]) => ({ startSeconds: startSeconds!, endSeconds: endSeconds! }));
  const grayFrames = { width: 32, height: 32, frames: [[0, 1, 28, 29], [], [70, 70, 71]] };
  const byNative = await splitAll(native, source, info, spans, { grayFrames });
  const memory = { kind: "bytes", bytes: new Uint8Array(bytes), name: "tiny.mp4" } as const;
  const byWasm = await splitAll(wasm, memory, info, spans, { grayFrames });
  expect(byWasm.report).toEqual(byNative.report);
  expect(byWasm.frames).toEqual(byNative.frames);
  expect(byNative.grayFrames.map(({ clip, sample }) => [clip, sample])).toEqual([
    ...[0, 1, 2, 3].map((sample) => [0, sample]),
    ...[0, 1, 2].map((sample) => [2, sample]),
  ]);
  expect(byWasm.grayFrames).toEqual(byNative.grayFrames);
  const facts = ({ clips }: typeof byWasm) =>
    clips.map(({ index, info: { sizeBytes: _, ...rest } }) => ({ index, ...rest }));
  expect(facts(byWasm)).toEqual(facts(byNative));
  const clip = folder.file("clip.mp4");
  await writeFile(clip, byWasm.clips[1]!.bytes);
  expect(await decode(clip)).toEqual({ frameCount: byWasm.clips[1]!.info.frameCount, audioCodec: "aac" });
});

test.each([
  ["split", 0.4],
  ["probe", 0.001],
])("a %s that takes too long is ended", async (call, wallSeconds) => {
  const path = folder.file(`endless_${call}.mp4`);
  await ffmpeg(...picture("640x360", "30", 8), ...fast, path);
  const source = { kind: "file", path } as const;
  const engine = await createWasmEngine({ wallSeconds });
  const info = await native.probe(source);
  const run =
    call === "probe"
      ? engine.probe(source)
      : splitAll(engine, source, info, [{ startSeconds: 0, endSeconds: info.durationSeconds }]);
  await expect(run).rejects.toMatchObject({ reason: "timeout" });
  await expect(run).rejects.toThrow(/took longer than 0\.\d+ s: .*mp4\. .*raise --ffmpeg-timeout-s/);
});

test("counts every complaint of a flood", async () => {
  const path = folder.file("flood.mp4");
  await ffmpeg(...picture("64x64", "25", 20), ...fast, "-g", "500", "-movflags", "+faststart", path);
  const bytes = await readFile(path);
  bytes.fill(0xff, Math.floor(bytes.byteLength * 0.25));
  await writeFile(path, bytes);
  const source = { kind: "file", path } as const;
  const info = await native.probe(source);
  const spans = [{ startSeconds: 0, endSeconds: 20 }];
  const { report } = await splitAll(native, source, info, spans, { encoder: null });
  expect(report.decodeErrors).toBeGreaterThan(1000);
  expect((await splitAll(wasm, source, info, spans, { encoder: null })).report).toEqual(report);
});

test("refuses what is no video, for the same reasons", async () => {
  const inputs = {
    "empty.mp4": "",
    "text.mp4": "#EXTM3U\nvideo.mp4\n",
    "noise.mp4": "\u0003\u0091".repeat(3000),
  };
  for (const [name, content] of Object.entries(inputs)) {
    await writeFile(folder.file(name), content);
    const source = { kind: "file", path: folder.file(name) } as const;
    const reason = await native.probe(source).catch((error: { reason?: string }) => error.reason);
    await expect(wasm.probe(source)).rejects.toMatchObject({ reason });
  }
});

test("leaves no trace of a browser in the global scope", () => {
  expect(Object.hasOwn(globalThis, "location")).toBe(false);
});

test("tries encoders for real", async () => {
  const [x264, missing] = await wasm.encoders(["libx264", "libopenh264"]);
  expect(x264).toEqual({ name: "libx264", works: true });
  expect(missing).toMatchObject({ works: false });
});
