// A long video is scanned by WebAssembly in parts: together they hold each frame once, as one part would.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { createTempFolder } from "../../src/io/temp_folder.ts";
import type { ScannedFrame } from "../../src/media/engine.ts";
import { type CreateCore, coreFactory } from "../../src/media/wasm/ffmpeg_core.ts";
import { WasmEngine } from "../../src/media/wasm/wasm_engine.ts";
import { fast, ffmpeg, picture } from "./generated_videos.ts";

test("parts hold each frame once", async () => {
  const folder = await createTempFolder("clipsieve-test-");
  try {
    await ffmpeg(...picture("64x48", "30000/1001", 1), ...fast, folder.file("video.mp4"));
    const bytes = new Uint8Array(await readFile(folder.file("video.mp4")));
    const binary = await readFile(createRequire(import.meta.url).resolve("@ffmpeg/core/wasm"));
    const { default: create } = (await import("@ffmpeg/core" as string)) as { readonly default: CreateCore };
    const createCore = await coreFactory(create, new Uint8Array(binary));
    let runs = 0;
    const scanned = async (maxScanBytes: number): Promise<ScannedFrame[]> => {
      const engine = new WasmEngine({
        version: "wasm",
        createCore: () => {
          runs++;
          return createCore();
        },
        openFile: () => Promise.reject(new Error("not part of this test")),
        maxScanBytes,
      });
      const source = { kind: "bytes", bytes, name: "video.mp4" } as const;
      const info = await engine.probe(source);
      const frames: ScannedFrame[] = [];
      runs = 0;
      await engine.scan({ source, info, width: 8, height: 6 }, async (frame) => {
        frames.push(frame);
      });
      return frames;
    };
    const whole = await scanned(1 << 20);
    expect([whole.length, runs]).toEqual([30, 1]);
    const inParts = await scanned(8 * 6 * 3 * 12);
    expect(runs).toBe(3);
    expect(inParts).toEqual(whole);
  } finally {
    await folder.remove();
  }
});
