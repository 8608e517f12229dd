import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { ModelError } from "../../src/errors.ts";
import { openStorage } from "../../src/io/open_storage.ts";
import { findShotModel, openShotModel, type ShotModel } from "../../src/video/shot_model.ts";
import { scratchFolder } from "../support/scratch_folder.ts";
import { type TinyShotModelOptions, writeTinyShotModel } from "../support/tiny_shot_model.ts";

async function open(modelDir: string): Promise<ShotModel> {
  const found = await findShotModel({ openStorage, modelDir });
  return await openShotModel(found, { device: "software", hasGpu: false, log: () => undefined });
}

/** One window of plain halves: the grey of the left and right half of each frame. */
function halves(...frames: readonly (readonly [left: number, right: number])[]): Uint8Array {
  return Uint8Array.from(
    frames.flatMap(([left, right]) =>
      Array.from({ length: 27 * 48 * 3 }, (_, i) => (Math.floor(i / 3) % 48 < 24 ? left : right)),
    ),
  );
}
const window = halves([100, 100], [100, 100], [200, 0], [0, 50]);

async function judged(options: TinyShotModelOptions): Promise<number[]> {
  const model = await open(writeTinyShotModel(options));
  try {
    return Array.from(await model.judge(window, 4), (value) => Number(value.toFixed(3)));
  } finally {
    await model.close();
  }
}

describe("a shot model", () => {
  // Left less right is 0, 0, 200, -50.
  const answers = [0, 0.784, 0.98, 0];

  test.each(["float32", "uint8"] as const)("judges each frame of a window given as %s", async (type) => {
    expect(await judged({ type })).toEqual(answers);
  });

  test("turns logits into probabilities", async () => {
    expect(await judged({ spec: { answer: "logit" } })).toEqual([0.5, 0.687, 0.727, 0.5]);
  });

  test("serves calls that overlap", async () => {
    const model = await open(writeTinyShotModel());
    const [first, second] = await Promise.all([
      model.judge(window, 4),
      model.judge(window.subarray(27 * 48 * 3), 3),
    ]);
    expect([first!.length, second!.length]).toEqual([4, 3]);
    expect([...second!]).toEqual([...first!.subarray(1)]);
    await model.close();
  });

  test("is refused where it takes another number of frames", async () => {
    await expect(judged({ frames: 100 })).rejects.toThrow(
      "input 1 x 4 x 27 x 48 x 3. Export it again as models/transnetv2/README.md",
    );
  });

  test("is refused where an answer is no probability", async () => {
    const model = await open(writeTinyShotModel());
    await expect(model.judge(halves([255, 0], [0, 255]), 2)).rejects.toThrow(
      /as it is no probability: (2|1\.9+\d*|2\.0+\d*)\. Set "answer"/,
    );
    await model.close();
  });

  test("is refused where it has no output of the name in its spec", async () => {
    const model = await open(writeTinyShotModel({ spec: { outputName: "whole" } })).catch(
      (error: unknown) => error,
    );
    expect(model).toBeInstanceOf(ModelError);
    expect(String(model)).toContain("no output of the name in its spec: whole. It has: probabilities");
  });

  test("is refused by its path where the file is no model", async () => {
    const folder = writeTinyShotModel();
    writeFileSync(join(folder, "transnetv2/onnx/transnetv2.onnx"), "not a model");
    await expect(open(folder)).rejects.toThrow(join(folder, "transnetv2/onnx/transnetv2.onnx"));
  });

  // A software adapter compiles shaders slowly, on a loaded machine very slowly.
  test("runs on the CPU, with a word, where the GPU fails at its first window", {
    timeout: 120_000,
  }, async () => {
    const found = await findShotModel({ openStorage, modelDir: writeTinyShotModel({ frames: 4 }) });
    const log = vi.fn();
    const model = await openShotModel(found, { device: "auto", hasGpu: true, log });
    expect(model.backend).toBe("cpu");
    expect(log).toHaveBeenCalledWith("warn", expect.stringContaining("on the CPU instead of the GPU"));
    expect(await model.judge(window, 4)).toHaveLength(4);
    await model.close();
  });

  test("runs on the CPU where there is no GPU", async () => {
    const found = await findShotModel({ openStorage, modelDir: writeTinyShotModel() });
    const log = vi.fn();
    const model = await openShotModel(found, { device: "auto", hasGpu: false, log });
    expect(model.backend).toBe("cpu");
    expect(log).toHaveBeenCalledExactlyOnceWith("info", "Finding shots with transnetv2 on the CPU");
    await model.close();
  });
});

describe("findShotModel()", () => {
  test("takes the packaged spec, which fits export.py", async () => {
    const { spec, folder } = await findShotModel({ openStorage, modelDir: writeTinyShotModel() });
    const script = readFileSync(new URL("../../models/transnetv2/export.py", import.meta.url), "utf8");
    for (const name of [spec.inputName, spec.outputName]) expect(script).toContain(`["${name}"]`);
    expect([spec.name, spec.answer, folder.endsWith("/transnetv2")]).toEqual([
      "transnetv2",
      "probability",
      true,
    ]);
  });

  test("says what is missing, where it goes, how to get it and its licence", async () => {
    const modelDir = scratchFolder();
    const failure = findShotModel({ openStorage, modelDir });
    await expect(failure).rejects.toThrow(ModelError);
    await expect(failure).rejects.toThrow(
      `Cannot load the model transnetv2 as its weights are not on this machine: ${modelDir}/transnetv2/onnx/transnetv2.onnx. The weights come with`,
    );
    await expect(failure).rejects.toThrow(
      "models/transnetv2/README.md says how). Licence of the weights: MIT",
    );
    const script = fileURLToPath(new URL("../../models/transnetv2/export.py", import.meta.url));
    await expect(failure).rejects.toThrow(`, and ${script} writes them as that file`);
  });

  test("prefers the user's own spec and names what is wrong with it", async () => {
    const folder = writeTinyShotModel({ spec: { answer: "odds" } });
    await expect(findShotModel({ openStorage, modelDir: folder })).rejects.toThrow(
      `${folder}/transnetv2/spec.json as answer must be "probability" or "logit": "odds"`,
    );
  });
});
