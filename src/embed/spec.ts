// The model spec, models/<name>/spec.json: all that is needed to feed an encoder and to read what it answers.
// The trap: layout and kind must agree, and a model's own preprocessing (filter, crop, mean) must be met exactly, or
// its embeddings are quietly worse.
import * as v from "valibot";
import {
  number,
  type OnnxSpec,
  objectMessage,
  onnxFields,
  readSpec,
  text,
  whole,
} from "../onnx/onnx_spec.ts";

export { requiredFiles, weightsPath } from "../onnx/onnx_spec.ts";

/** A model spec with its defaults filled in. */
export interface ModelSpec extends OnnxSpec {
  /** "frame": embeds pictures, a clip is the mean of its frames. "video": embeds all frames of a clip at once. */
  readonly kind: "frame" | "video";
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
  /** "first": the output is batch x tokens x dimension, and the first token of each item (a class token) is taken. */
  readonly outputToken?: "first" | undefined;
  /** Values of one embedding. */
  readonly dimension: number;
  /** How frame embeddings become a clip's. */
  readonly pooling: "mean";
  /** Embeddings are scaled to length 1. */
  readonly normalize: true;
  /** Embeddings land in <outputPrefix>_embd_parquet. */
  readonly outputPrefix: string;
}

const channels = v.tuple([number, number, number], "must be three numbers: red, green, blue");

const schema: v.GenericSchema<unknown, ModelSpec> = v.pipe(
  v.strictObject(
    {
      ...onnxFields,
      kind: v.picklist(["frame", "video"], 'must be "frame" or "video"'),
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
      outputToken: v.optional(v.literal("first", 'must be "first"')),
      dimension: whole,
      pooling: v.literal("mean", 'must be "mean"'),
      normalize: v.literal(true, "must be true"),
      outputPrefix: v.pipe(text, v.regex(/^[\w.-]+$/, "must be letters, digits, '_', '.' or '-'")),
    },
    objectMessage,
  ),
  v.check(
    ({ kind, layout }) => (kind === "frame") === (layout === "BCHW"),
    'has a layout that does not fit its kind: "frame" takes BCHW, "video" takes BTCHW or BCTHW',
  ),
);

/**
 * Reads a spec from the text of its file.
 *
 * @param origin the file's path, for messages.
 * @throws ModelError that names the field, what it must be, and the value met.
 */
export function parseModelSpec(json: string, origin: string): ModelSpec {
  return readSpec(schema, json, origin);
}

/** Whether the text of a spec describes a model that embeds: one that finds shots does not. What is no JSON is told elsewhere. */
export function isEmbeddingSpec(json: string): boolean {
  try {
    return (JSON.parse(json) as { readonly kind?: unknown } | null)?.kind !== "shots";
  } catch {
    return true;
  }
}
