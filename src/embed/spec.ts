// The model spec, models/<name>/spec.json: all that is needed to feed an encoder and to read what it answers.
// The trap: layout and kind must agree, and a model's own preprocessing (filter, crop, mean) must be met exactly, or
// its embeddings are quietly worse.
import * as v from "valibot";
import { ModelError } from "../errors.ts";

/** A model spec with its defaults filled in. */
export interface ModelSpec {
  /** As typed after --embedding-algorithm. */
  readonly name: string;
  /** "frame": embeds pictures, a clip is the mean of its frames. "video": embeds all frames of a clip at once. */
  readonly kind: "frame" | "video";
  /** Name of the model's input. */
  readonly inputName: string;
  /** Order of the input's dimensions: batch, time, channel, height, width. */
  readonly layout: "BCHW" | "BTCHW" | "BCTHW";
  /** Frames sampled from each clip. */
  readonly frames: number;
  /** Size of the input in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** Antialiased resize filter. */
  readonly resize: "bilinear" | "bicubic";
  /** "center": fit the shorter side, cut the rest. "letterbox": fit the longer, pad. "stretch": fit both. */
  readonly crop: "center" | "letterbox" | "stretch";
  /** With "center": length in pixels of the shorter side before the crop. Default: the crop takes all of it. */
  readonly shorterSide?: number | undefined;
  /** Letterbox padding, 0..255. Default 0. */
  readonly padding: number;
  /** Per channel, on the scale 0..1: the input is (x / 255 - mean) / std. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Numbers that the weights are stored in; chooses the file (fp16: <file>_fp16.onnx). */
  readonly dtype: "fp32" | "fp16";
  /** Name of the output: batch x dimension, or batch x tokens x dimension with `outputToken`. */
  readonly outputName: string;
  /** "first" takes the first token of each item (a class token). */
  readonly outputToken?: "first" | undefined;
  /** Values of one embedding. */
  readonly dimension: number;
  /** How frame embeddings become a clip's. */
  readonly pooling: "mean";
  /** Embeddings are scaled to length 1. */
  readonly normalize: true;
  /** Licence of the weights, as an SPDX id or its title. */
  readonly licence: string;
  readonly source: {
    /** Id on the Hugging Face hub: owner/name. */
    readonly hub?: string | undefined;
    /** Default "main". */
    readonly revision: string;
    /** One sentence for a person: where else, or how to export. */
    readonly note?: string | undefined;
  };
  /** Embeddings land in <outputPrefix>_embd_parquet. */
  readonly outputPrefix: string;
  readonly transformers: {
    /** Class of transformers.js; "PreTrainedModel" runs any ONNX file without a config.json. */
    readonly modelClass:
      | "PreTrainedModel"
      | "AutoModel"
      | "CLIPVisionModelWithProjection"
      | "SiglipVisionModel";
    /** Name of the ONNX file below onnx/, without suffix and extension. */
    readonly file: string;
    /** Number of external data files beside the ONNX file (<file>.onnx_data, ...). Default 0. */
    readonly externalDataFiles: number;
  };
}

const text = v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"));
const number = v.number("must be a number");
const whole = v.pipe(number, v.integer("must be a whole number"), v.minValue(1, "must be at least 1"));
const channels = v.tuple([number, number, number], "must be three numbers: red, green, blue");

const schema: v.GenericSchema<unknown, ModelSpec> = v.pipe(
  v.strictObject(
    {
      name: text,
      kind: v.picklist(["frame", "video"], 'must be "frame" or "video"'),
      inputName: text,
      layout: v.picklist(["BCHW", "BTCHW", "BCTHW"], 'must be "BCHW", "BTCHW" or "BCTHW"'),
      frames: whole,
      size: v.strictObject({ width: whole, height: whole }, objectMessage),
      resize: v.picklist(["bilinear", "bicubic"], 'must be "bilinear" or "bicubic"'),
      crop: v.picklist(["center", "letterbox", "stretch"], 'must be "center", "letterbox" or "stretch"'),
      shorterSide: v.optional(whole),
      padding: v.optional(
        v.pipe(number, v.minValue(0, "must be at least 0"), v.maxValue(255, "must be at most 255")),
        0,
      ),
      mean: channels,
      std: v.pipe(
        channels,
        v.check((values) => values.every((value) => value > 0), "must be three numbers above 0"),
      ),
      dtype: v.picklist(["fp32", "fp16"], 'must be "fp32" or "fp16"'),
      outputName: text,
      outputToken: v.optional(v.literal("first", 'must be "first"')),
      dimension: whole,
      pooling: v.literal("mean", 'must be "mean"'),
      normalize: v.literal(true, "must be true"),
      licence: text,
      source: v.strictObject(
        {
          hub: v.optional(v.pipe(text, v.regex(/^[\w.-]+\/[\w.-]+$/, "must be owner/name"))),
          revision: v.optional(text, "main"),
          note: v.optional(text),
        },
        objectMessage,
      ),
      outputPrefix: v.pipe(text, v.regex(/^[\w.-]+$/, "must be letters, digits, '_', '.' or '-'")),
      transformers: v.strictObject(
        {
          modelClass: v.picklist(
            ["PreTrainedModel", "AutoModel", "CLIPVisionModelWithProjection", "SiglipVisionModel"],
            "must be PreTrainedModel, AutoModel, CLIPVisionModelWithProjection or SiglipVisionModel",
          ),
          file: text,
          externalDataFiles: v.optional(
            v.pipe(number, v.integer("must be a whole number"), v.minValue(0, "must be at least 0")),
            0,
          ),
        },
        objectMessage,
      ),
    },
    objectMessage,
  ),
  v.check(
    ({ kind, layout }) => (kind === "frame") === (layout === "BCHW"),
    'has a layout that does not fit its kind: "frame" takes BCHW, "video" takes BTCHW or BCTHW',
  ),
);

/** strictObject reports a missing key, an unknown key and a value that is no object alike: told apart here. */
function objectMessage(issue: { readonly expected: string | null; readonly received: string }): string {
  if (issue.expected === "never") return "is not a known field";
  return issue.received === "undefined" ? "is missing" : "must be an object";
}

/**
 * Reads a spec from the text of its file.
 *
 * @param origin the file's path, for messages.
 * @throws ModelError that names the field, what it must be, and the value met.
 */
export function parseModelSpec(json: string, origin: string): ModelSpec {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new ModelError(`Cannot read the model spec ${origin} as it is not JSON: ${String(cause)}`, {
      cause,
    });
  }
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue) ?? "it";
  throw new ModelError(
    `Cannot use the model spec ${origin} as ${field} ${issue.message}: ${describe(issue.input)}. models/README.md lists the fields`,
  );
}

/** The ONNX file below a model's folder that a spec asks for. */
export function weightsPath({ dtype, transformers }: ModelSpec): string {
  return `onnx/${transformers.file}${dtype === "fp16" ? "_fp16" : ""}.onnx`;
}

/** Every file below a model's folder that must be there before the model can load. */
export function requiredFiles(spec: ModelSpec): readonly string[] {
  const weights = weightsPath(spec);
  const external = Array.from(
    { length: spec.transformers.externalDataFiles },
    (_, index) => `${weights}_data${index === 0 ? "" : `_${index}`}`,
  );
  const config = spec.transformers.modelClass === "PreTrainedModel" ? [] : ["config.json"];
  return [...config, weights, ...external];
}

function describe(value: unknown): string {
  const shown = JSON.stringify(value) ?? "nothing";
  return shown.length > 80 ? `${shown.slice(0, 77)}...` : shown;
}
