// A shot detector that can be worked out by hand: its answer for a frame is how much the mean of the left half, less that of
// the right half, changes to the next frame, as a share of 255. It marks the last frame before a cut, as
// TransNetV2 does, and is blind to what changes between top and bottom.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GraphBuilder } from "../../models/builtin/onnx_file.ts";
import { scratchFolder } from "./scratch_folder.ts";

const [width, height] = [48, 27];

export interface TinyShotModelOptions {
  /** Type of the file's input. Default "float32". */
  readonly type?: "float32" | "uint8";
  /** Frames that the file takes. Default: any number. */
  readonly frames?: number;
  /** Fields of the spec that are replaced; undefined writes no spec, so that the packaged one holds. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Writes <folder>/transnetv2/onnx/transnetv2.onnx; the folder is one for --model-dir. */
export function writeTinyShotModel({ type = "float32", frames, spec }: TinyShotModelOptions = {}): string {
  const folder = scratchFolder();
  const graph = new GraphBuilder();
  const pixels = type === "uint8" ? graph.node("floats", "Cast", ["frames"], { to: 1 }) : "frames";
  const rows = graph.node("rows", "Reshape", [pixels, graph.integers("flat", [-1, width * height * 3])]);
  const sidesWeights = Array.from({ length: width * height * 3 }, (_, i) =>
    Math.floor(i / 3) % width < width / 2 ? 1 : -1,
  );
  const scale = 1 / (255 * 1.5 * width * height);
  const sides = graph.node("sides", "MatMul", [
    rows,
    graph.weights(
      "sides_weights",
      [width * height * 3, 1],
      sidesWeights.map((weight) => weight * scale),
    ),
  ]);
  const axis = graph.integers("axis", [0]);
  const slice = (name: string, start: number, end: number): string =>
    graph.node(name, "Slice", [
      sides,
      graph.integers(`${name}_start`, [start]),
      graph.integers(`${name}_end`, [end]),
      axis,
    ]);
  const change = graph.node("change", "Sub", [slice("next", 1, 1_000_000), slice("this", 0, -1)]);
  const size = graph.node("size", "Abs", [change]);
  const whole = graph.node("whole", "Concat", [size, graph.weights("nothing", [1, 1], [0])], { axis: 0 });
  graph.node("probabilities", "Reshape", [whole, graph.integers("row", [1, -1])]);
  const bytes = graph.build(
    "tiny shots",
    "",
    { name: "frames", dims: [1, frames ?? "time", height, width, 3], type },
    { name: "probabilities", dims: [1, frames ?? "time"] },
  );
  const model = join(folder, "transnetv2");
  mkdirSync(join(model, "onnx"), { recursive: true });
  writeFileSync(join(model, "onnx", "transnetv2.onnx"), bytes);
  if (spec !== undefined) {
    const whole = {
      name: "transnetv2",
      kind: "shots",
      inputName: "frames",
      outputName: "probabilities",
      answer: "probability",
      dtype: "fp32",
      licence: "Apache-2.0",
      source: { note: "Written by a test" },
      transformers: { modelClass: "PreTrainedModel", file: "transnetv2" },
      ...spec,
    };
    writeFileSync(join(model, "spec.json"), JSON.stringify(whole));
  }
  return folder;
}
