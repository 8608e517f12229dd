// Blobs whose bytes cannot be read, as when the user's file changed meanwhile: told by the name that the user knows, with
// nothing left behind.
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaSource } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { createWasmEngine } from "../../src/media/wasm/create_wasm_engine.ts";
import { fast, ffmpeg, picture } from "./generated_videos.ts";

const name = "movies/holiday.mp4";
let folder: TempFolder;
let video: Buffer;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  await ffmpeg(...picture("64x64", "10", 4), ...fast, "-movflags", "+faststart", folder.file("video.mp4"));
  video = await readFile(folder.file("video.mp4"));
});
afterAll(() => folder.remove());
afterEach(() => vi.unstubAllGlobals());

const changed = new Error("the file has changed");
const failing = {
  size: 100,
  stream: () => new ReadableStream({ pull: (controller) => controller.error(changed) }),
  arrayBuffer: () => Promise.reject(changed),
} as unknown as Blob;
const failure = { reason: "unreadable", skipped: false, message: expect.stringContaining(name) };

test.each([
  ["ffmpeg", createNativeEngine],
  ["ffmpeg as WebAssembly", createWasmEngine],
])("a blob that fails, by %s", async (_, create) => {
  const engine = await create();
  const probe = engine.probe({ kind: "blob", blob: failing, name });
  await expect(probe).rejects.toMatchObject(failure);
  await expect(probe).rejects.toThrow(/bytes could not be read: .*\(the file has changed\)/);
  const copies = `clipsieve-source-${process.pid}-`;
  expect((await readdir(tmpdir())).filter((entry) => entry.startsWith(copies))).toEqual([]);
});

test("a blob that fails in the middle, where ffmpeg as WebAssembly reads it piece by piece", async () => {
  const slice = (start: number, end: number): unknown => [start, end];
  const blob = { size: video.byteLength, slice } as unknown as Blob;
  let readable = video.byteLength;
  class Reader {
    readAsArrayBuffer([start, end]: readonly [number, number]): ArrayBuffer {
      if (start >= readable) throw changed;
      return new Uint8Array(video.subarray(start, end)).buffer;
    }
  }
  vi.stubGlobal("FileReaderSync", Reader);
  const engine = await createWasmEngine();
  const source: MediaSource = { kind: "blob", blob, name };
  const info = await engine.probe(source);
  expect(info.frameCount).toBe(40);
  readable = video.byteLength / 2;
  await expect(engine.probe(source)).rejects.toMatchObject(failure);
  const scan = engine.scan({ source, info, width: 8, height: 8 }, async () => undefined);
  await expect(scan).rejects.toMatchObject(failure);
});

test.each([
  ["noise", (): Buffer => Buffer.from("\u0001\u0002nonsense".repeat(200))],
  [
    "a video without its index",
    (): Buffer => Buffer.from(video.toString("latin1").replace("moov", "none"), "latin1"),
  ],
])("%s in memory is refused by its own name", async (_, bytes) => {
  const engine = await createNativeEngine();
  const probe = engine.probe({ kind: "bytes", bytes: bytes(), name });
  await expect(probe).rejects.toThrow(`: ${name} (`);
  await expect(probe).rejects.not.toThrow(/clipsieve-source/);
});
