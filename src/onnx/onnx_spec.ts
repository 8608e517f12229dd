// What the specs of all models have in common, models/<name>/spec.json: the ONNX file, the names inside it, and where the
// weights come from. Each kind of model adds its own fields and reads its file with `readSpec`.
import * as v from "valibot";
import { ModelError } from "../errors.ts";

export interface OnnxSpec {
  /** As typed on the command line; the folder's name. */
  readonly name: string;
  /** Names in the ONNX file. */
  readonly inputName: string;
  readonly outputName: string;
  /** Numbers that the weights are stored in; chooses the file (fp16: <file>_fp16.onnx). */
  readonly dtype: "fp32" | "fp16";
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

export const text = v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"));
export const number = v.number("must be a number");
export const whole = v.pipe(number, v.integer("must be a whole number"), v.minValue(1, "must be at least 1"));

/** strictObject reports a missing key, an unknown key and a value that is no object alike: told apart here. */
export function objectMessage(issue: {
  readonly expected: string | null;
  readonly received: string;
}): string {
  if (issue.expected === "never") return "is not a known field";
  return issue.received === "undefined" ? "is missing" : "must be an object";
}

/** Entries of OnnxSpec, for the schema of a kind. */
export const onnxFields = {
  name: text,
  inputName: text,
  outputName: text,
  dtype: v.picklist(["fp32", "fp16"], 'must be "fp32" or "fp16"'),
  licence: text,
  source: v.strictObject(
    {
      hub: v.optional(v.pipe(text, v.regex(/^[\w.-]+\/[\w.-]+$/, "must be owner/name"))),
      revision: v.optional(text, "main"),
      note: v.optional(text),
    },
    objectMessage,
  ),
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
} as const;

/**
 * Reads a spec from the text of its file.
 *
 * @param origin the file's path, for messages.
 * @throws ModelError that names the field, what it must be, and the value met.
 */
export function readSpec<T>(schema: v.GenericSchema<unknown, T>, json: string, origin: string): T {
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

function describe(value: unknown): string {
  const shown = JSON.stringify(value) ?? "nothing";
  return shown.length > 80 ? `${shown.slice(0, 77)}...` : shown;
}

/** The ONNX file below a model's folder that a spec asks for. */
export function weightsPath({ dtype, transformers }: Pick<OnnxSpec, "dtype" | "transformers">): string {
  return `onnx/${transformers.file}${dtype === "fp16" ? "_fp16" : ""}.onnx`;
}

/** Every file below a model's folder that must be there before the model can load. */
export function requiredFiles(spec: OnnxSpec): readonly string[] {
  const weights = weightsPath(spec);
  const external = Array.from(
    { length: spec.transformers.externalDataFiles },
    (_, index) => `${weights}_data${index === 0 ? "" : `_${index}`}`,
  );
  const config = spec.transformers.modelClass === "PreTrainedModel" ? [] : ["config.json"];
  return [...config, weights, ...external];
}
