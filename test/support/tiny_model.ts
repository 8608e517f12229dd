// A model small enough to reason about: the mean of each colour plane, so that its embedding is known by hand.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GraphBuilder } from "../../models/builtin/onnx_file.ts";
import { scratchFolder } from "./scratch_folder.ts";

const size = 4;

/** Writes <folder>/spec.json and onnx/model.onnx; `changes` replace fields of the spec. */
export function writeTinyModel(
  layout: "BCHW" | "BTCHW" | "BCTHW",
  frames: number,
  changes: Readonly<Record<string, unknown>> = {},
): string {
  const folder = scratchFolder();
  const video = layout !== "BCHW";
  const graph = new GraphBuilder();
  // Video layouts keep time: the embedding is frames x 3 (or 3 x frames), flattened in the input's own order.
  const pooled = graph.node("pooled", "ReduceMean", ["pixels"], {
    axes: video ? [3, 4] : [2, 3],
    keepdims: 0,
  });
  const dimension = video ? 3 * frames : 3;
  graph.node("embedding", "Reshape", [pooled, graph.integers("shape", [-1, dimension])]);
  const dims = {
    BCHW: ["batch", 3, size, size],
    BTCHW: ["batch", frames, 3, size, size],
    BCTHW: ["batch", 3, frames, size, size],
  }[layout];
  const bytes = graph.build(
    "tiny",
    "",
    { name: "pixels", dims },
    { name: "embedding", dims: ["batch", dimension] },
  );
  mkdirSync(join(folder, "onnx"));
  writeFileSync(join(folder, "onnx", "model.onnx"), bytes);
  const spec = {
    name: "tiny",
    kind: video ? "video" : "frame",
    inputName: "pixels",
    layout,
    frames,
    size: { width: size, height: size },
    resize: "bilinear",
    crop: "stretch",
    mean: [0, 0, 0],
    std: [1, 1, 1],
    dtype: "fp32",
    outputName: "embedding",
    dimension,
    pooling: "mean",
    normalize: true,
    licence: "Apache-2.0",
    source: { note: "Written by a test" },
    outputPrefix: "tiny",
    transformers: { modelClass: "PreTrainedModel", file: "model" },
    ...changes,
  };
  writeFileSync(join(folder, "spec.json"), JSON.stringify(spec));
  return folder;
}
