// Cuts of real videos equal the lists that PySceneDetect keeps beside them as its own golden results, within one frame. The
// project's frame numbers are times on the clock of the nominal rate, which is not the average where frames were dropped.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GpuContext } from "../../src/gpu/context.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { createWasmEngine } from "../../src/media/wasm/create_wasm_engine.ts";
import { adaptiveCuts, contentCuts } from "../../src/video/content_cuts.ts";
import { contentSettings } from "../../src/video/content_planner.ts";
import { type ScoredFrames, scoreFrames } from "../../src/video/content_scores.ts";

const folder = join(import.meta.dirname, "../../../shared/testdata/natural/pyscenedetect");

const videos = [
  ["testvideo.mp4", 30_000 / 1001],
  ["goldeneye-vfr-drop3.mp4", 24_000 / 1001],
  ["fades.mp4", 25],
  ["counter.mp4", 10],
] as const;

const detectors = [
  ["ContentDetector.default", { detector: "content" }],
  ["ContentDetector.t30", { detector: "content", threshold: 30 }],
  ["AdaptiveDetector.default", { detector: "adaptive" }],
  ["AdaptiveDetector.t5", { detector: "adaptive", adaptiveThreshold: 5 }],
] as const;

function defineGoldenTests(): void {
  let gpu: GpuContext;
  beforeAll(async () => {
    gpu = await GpuContext.acquire();
  });
  afterAll(() => gpu.destroy());

  const runs = videos.flatMap(([name, nominalRate]) => [
    { name, nominalRate, engineName: "ffmpeg", open: createNativeEngine },
    { name, nominalRate, engineName: "ffmpeg as WebAssembly", open: createWasmEngine },
  ]);
  describe.each(runs)("$name by $engineName", ({ name, nominalRate, open }) => {
    let scored: ScoredFrames;
    beforeAll(async () => {
      const engine = await open();
      const source = { kind: "file", path: join(folder, name) } as const;
      const info = await engine.probe(source);
      const { signal } = new AbortController();
      const shotModel = () => Promise.reject(new Error("not part of this test"));
      const video = { source, info, engine, gpu: async () => gpu, shotModel, signal };
      scored = await scoreFrames(video);
      expect(scored.frames.length).toBe(info.frameCount);
    });

    test.each(detectors)("%s", (golden, options) => {
      const path = join(folder, `tests/resources/goldens/${name}.${golden}.json`);
      const expected = (JSON.parse(readFileSync(path, "utf8")) as { readonly cuts: readonly number[] }).cuts;
      const settings = contentSettings(options);
      const cuts =
        settings.detector === "adaptive" ? adaptiveCuts(scored, settings) : contentCuts(scored, settings);
      const found = cuts.map(({ seconds }) => Math.round(seconds * nominalRate));
      console.log(`${name} ${golden}: ${found.join(", ") || "no cuts"}`);
      expect(found.length).toBe(expected.length);
      for (const [i, frame] of found.entries()) expect(Math.abs(frame - expected[i]!)).toBeLessThanOrEqual(1);
    });
  });
}

if (existsSync(folder)) {
  describe("cuts of PySceneDetect's golden files", defineGoldenTests);
} else {
  test("nothing to compare: ../shared/testdata/natural/pyscenedetect is absent", () => {
    console.log("scene cuts: nothing was compared, as ../shared/testdata/natural/pyscenedetect is absent");
  });
}
