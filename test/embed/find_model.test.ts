import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findModel, listModels } from "../../src/embed/find_model.ts";
import { ModelError } from "../../src/errors.ts";
import { openStorage } from "../../src/io/open_storage.ts";
import { scratchFolder } from "../support/scratch_folder.ts";
import { writeTinyModel } from "../support/tiny_model.ts";

const clipSpec = readFileSync(new URL("../../models/clip/spec.json", import.meta.url), "utf8");

describe("findModel()", () => {
  test("finds the model that comes with the package, wherever the model folder is", async () => {
    const { spec, folder, hub } = await findModel("builtin", { openStorage, modelDir: "/nowhere/at/all" });
    expect(spec.dimension).toBe(512);
    expect(folder).toMatch(/^\/.*models\/builtin$/);
    expect(hub).toBeUndefined();
  });

  test("finds a folder with a spec of its own", async () => {
    const folder = writeTinyModel("BCHW", 2);
    const found = await findModel(folder, { openStorage, modelDir: scratchFolder() });
    expect(found.folder).toBe(folder);
    expect(found.spec.name).toBe("tiny");
  });

  test("takes the weights of a known spec from the model folder", async () => {
    const modelDir = scratchFolder();
    mkdirSync(join(modelDir, "clip/onnx"), { recursive: true });
    for (const file of ["config.json", "onnx/vision_model.onnx"])
      writeFileSync(join(modelDir, "clip", file), "x");
    const found = await findModel("clip", { openStorage, modelDir });
    expect(found.folder).toBe(join(modelDir, "clip"));
    expect(found.spec.name).toBe("clip");
  });

  test("prefers the user's own spec over the packaged one of that name", async () => {
    const modelDir = scratchFolder();
    mkdirSync(join(modelDir, "clip/onnx"), { recursive: true });
    writeFileSync(join(modelDir, "clip/spec.json"), JSON.stringify({ ...JSON.parse(clipSpec), frames: 3 }));
    for (const file of ["config.json", "onnx/vision_model.onnx"])
      writeFileSync(join(modelDir, "clip", file), "x");
    expect((await findModel("clip", { openStorage, modelDir })).spec.frames).toBe(3);
  });

  test("says which files are missing, where they come from and their licence", async () => {
    const modelDir = scratchFolder();
    const failure = findModel("clip", { openStorage, modelDir });
    await expect(failure).rejects.toThrow(ModelError);
    await expect(failure).rejects.toThrow(join(modelDir, "clip/onnx/vision_model.onnx"));
    await expect(failure).rejects.toThrow("https://huggingface.co/Xenova/clip-vit-base-patch32");
    await expect(failure).rejects.toThrow("Licence of the weights: MIT");
  });

  test("takes a hub id only where the user named it, with the spec that describes it", async () => {
    const modelDir = scratchFolder();
    const { spec, hub } = await findModel("Xenova/clip-vit-base-patch32", { openStorage, modelDir });
    expect(spec.name).toBe("clip");
    expect(hub?.id).toBe("Xenova/clip-vit-base-patch32");
    expect(hub?.cacheFolder).toBe(join(modelDir, "hub"));
  });

  test("names what there is when a model is unknown", async () => {
    const failure = findModel("cilp", { openStorage, modelDir: scratchFolder() });
    await expect(failure).rejects.toThrow(/: cilp\. Known: builtin, clip/);
    await expect(findModel("nobody/nothing", { openStorage, modelDir: scratchFolder() })).rejects.toThrow(
      "nobody/nothing",
    );
  });

  test("reports a broken spec by its path", async () => {
    const folder = writeTinyModel("BCHW", 2, { frames: "two" });
    await expect(findModel(folder, { openStorage, modelDir: scratchFolder() })).rejects.toThrow(
      `${folder}/spec.json as frames must be a number: "two"`,
    );
  });
});

test("listModels() names the packaged models and the user's", async () => {
  const modelDir = scratchFolder();
  mkdirSync(join(modelDir, "mine"));
  writeFileSync(join(modelDir, "mine/spec.json"), clipSpec);
  expect(await listModels({ openStorage, modelDir })).toEqual(
    expect.arrayContaining(["builtin", "clip", "cosmos-embed1-224p", "dinov2", "mine", "siglip2"]),
  );
});
