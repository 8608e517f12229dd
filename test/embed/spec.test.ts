import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isEmbeddingSpec, parseModelSpec, requiredFiles, weightsPath } from "../../src/embed/spec.ts";
import { ModelError } from "../../src/errors.ts";

const models = new URL("../../models/", import.meta.url);
const builtin = JSON.parse(readFileSync(new URL("builtin/spec.json", models), "utf8"));
const parse = (changes: object) => parseModelSpec(JSON.stringify({ ...builtin, ...changes }), "a/spec.json");

describe("parseModelSpec()", () => {
  test("fills in what may be left out", () => {
    const spec = parse({});
    expect(spec.padding).toBe(0);
    expect(spec.source.revision).toBe("main");
    expect(spec.transformers.externalDataFiles).toBe(0);
  });

  test.each([
    [{ kind: "audio" }, 'kind must be "frame" or "video": "audio"'],
    [{ frames: 0 }, "frames must be at least 1: 0"],
    [{ frames: 1.5 }, "frames must be a whole number: 1.5"],
    [{ size: { width: 128 } }, "size.height is missing"],
    [{ size: 128 }, "size must be an object: 128"],
    [{ std: [1, 1, 0] }, "std must be three numbers above 0: [1,1,0]"],
    [{ mean: [1, 1] }, "mean"],
    [{ crop: "squash" }, 'crop must be "center", "letterbox" or "stretch": "squash"'],
    [{ outputPrefix: "../x" }, "outputPrefix must be letters"],
    [{ source: { hub: "no-owner" } }, 'source.hub must be owner/name: "no-owner"'],
    [{ flavour: "salt" }, "flavour is not a known field"],
    [{ layout: "BTCHW" }, "a layout that does not fit its kind"],
    [{ dimension: undefined }, "dimension is missing"],
  ])("refuses %j and names the field", (changes, message) => {
    expect(() => parse(changes)).toThrow(ModelError);
    expect(() => parse(changes)).toThrow(message);
    expect(() => parse(changes)).toThrow("a/spec.json");
  });

  test("refuses what is not JSON", () => {
    expect(() => parseModelSpec("{", "b/spec.json")).toThrow(
      "Cannot read the model spec b/spec.json as it is not JSON",
    );
  });

  test.each(
    readdirSync(models, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .filter((name) => isEmbeddingSpec(readFileSync(new URL(`${name}/spec.json`, models), "utf8"))),
  )("models/%s/spec.json is valid and named after its folder", (name) => {
    const spec = parseModelSpec(readFileSync(new URL(`${name}/spec.json`, models), "utf8"), name);
    expect(spec.name).toBe(name);
    expect(spec.source.hub ?? spec.source.note).toBeDefined();
  });
});

describe("requiredFiles()", () => {
  test("follows dtype, external data and model class", () => {
    expect(requiredFiles(parse({}))).toEqual(["config.json", "onnx/vision_model.onnx"]);
    const large = parse({
      dtype: "fp16",
      transformers: { modelClass: "PreTrainedModel", file: "model", externalDataFiles: 2 },
    });
    expect(weightsPath(large)).toBe("onnx/model_fp16.onnx");
    expect(requiredFiles(large)).toEqual([
      "onnx/model_fp16.onnx",
      "onnx/model_fp16.onnx_data",
      "onnx/model_fp16.onnx_data_1",
    ]);
  });
});
