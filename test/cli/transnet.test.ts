import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeTinyShotModel } from "../support/tiny_shot_model.ts";
import { clipsieve, makeVideo, recordOf, temporaryFolder } from "./command_line.ts";

const folder = temporaryFolder();
const at = (...names: string[]): string => join(folder.path, ...names);
const modelDir = writeTinyShotModel();

beforeAll(() => makeVideo(at("videos/a.mp4"), { seconds: 6 }));
afterAll(() => folder.remove());

const split = (...more: string[]) =>
  clipsieve([
    ...["split", "--video-dir", at("videos"), "--no-generate-embeddings", "--no-upload-clips"],
    ...["--splitting-algorithm", "transnetv2", ...more],
  ]);

describe("--splitting-algorithm transnetv2", () => {
  test("takes its options, and names those of the tutorials that have no meaning here", async () => {
    const { code, stderr } = await split(
      ...["--output-path", at("out"), "--model-dir", modelDir, "--device", "software"],
      // One scene throughout: no crop, and three parts of 2 s.
      ...["--transnetv2-threshold", "1", "--transnetv2-min-length-s", "1", "--transnetv2-max-length-s", "2"],
      ...["--transnetv2-max-length-mode", "stride", "--transnetv2-crop-s", "0.25"],
      ...["--transnetv2-frame-decoder-mode", "ffmpeg_cpu", "--transnetv2-gpu-memory-gb", "10"],
    );
    expect([code, recordOf(at("out")).counts.clips]).toEqual([0, 3]);
    expect(stderr).toContain("no effect here: --transnetv2-frame-decoder-mode, --transnetv2-gpu-memory-gb\n");
  });

  test("without the model nothing is begun: the message says what lacks and how to get it", async () => {
    const { code, stderr } = await split("--output-path", at("none"), "--model-dir", at("nowhere"));
    expect(code).toBe(1);
    expect(stderr).toContain(at("nowhere/transnetv2/onnx/transnetv2.onnx"));
    expect(stderr).toContain("models/transnetv2/README.md");
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(at("none/run.json"))).toBe(false);
  });

  test("doctor says whether the model is there", async () => {
    const { stdout } = await clipsieve(["doctor", "--json", "--device", "software", "--model-dir", modelDir]);
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly name: string }[] };
    expect(findings).toContainEqual({
      name: "shots",
      status: "ok",
      detail: `transnetv2, in ${modelDir}/transnetv2`,
    });
  });
});
