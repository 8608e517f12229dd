// Clips are decoded back under --strict: what decodes passes, what was damaged or cut short does not.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { ClipInfo, MediaEngine } from "../../src/media/engine.ts";
import { readMp4Info } from "../../src/media/mp4_info.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { createWasmEngine } from "../../src/media/wasm/create_wasm_engine.ts";
import { requireWholeClip } from "../../src/stages/clip_check.ts";
import { fast, ffmpeg, picture } from "../media/generated_videos.ts";

let folder: TempFolder;
let clip: Buffer;
let info: ClipInfo;
const { signal } = new AbortController();

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  const path = folder.file("clip.mp4");
  await ffmpeg(...picture("96x64", "25", 2), ...fast, "-movflags", "+faststart", path);
  clip = await readFile(path);
  info = readMp4Info(clip, clip.byteLength);
});
afterAll(() => folder.remove());

async function check(engine: MediaEngine, name: string, bytes: Uint8Array, said: ClipInfo): Promise<void> {
  const path = folder.file(name);
  await writeFile(path, bytes);
  await requireWholeClip(engine, { kind: "file", path }, said, signal);
}

test.each([
  ["ffmpeg", createNativeEngine],
  ["ffmpeg as WebAssembly", createWasmEngine],
])("by %s", async (name, create) => {
  const engine = await create();
  await check(engine, `${name} whole.mp4`, clip, info);

  const damaged = Buffer.from(clip);
  damaged.fill(0x55, Math.floor(clip.length * 0.6), Math.floor(clip.length * 0.8));
  const refused = check(engine, `${name} damaged.mp4`, damaged, info);
  await expect(refused).rejects.toMatchObject({ reason: "decode-errors" });
  await expect(refused).rejects.toThrow(/under --strict as .*damaged\.mp4\. Use another/);

  await expect(check(engine, `${name} short.mp4`, clip, { ...info, frameCount: 51 })).rejects.toThrow(
    /it should have 51 frames of 96x64 and decodes to 50 frames of 96x64: /,
  );
});
