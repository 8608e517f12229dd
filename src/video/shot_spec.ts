// The spec of a model that finds shots, models/transnetv2/spec.json: what its ONNX file calls its input and output, and
// whether it answers with probabilities. All else is the method's: [1, frames, 27, 48, 3], RGB from 0 to 255.
import * as v from "valibot";
import { type OnnxSpec, objectMessage, onnxFields, readSpec } from "../onnx/onnx_spec.ts";

export interface ShotSpec extends OnnxSpec {
  readonly kind: "shots";
  /** What the output holds for each frame. A logit becomes a probability by the logistic function. */
  readonly answer: "probability" | "logit";
}

const schema: v.GenericSchema<unknown, ShotSpec> = v.strictObject(
  {
    ...onnxFields,
    kind: v.literal("shots", 'must be "shots"'),
    answer: v.picklist(["probability", "logit"], 'must be "probability" or "logit"'),
  },
  objectMessage,
);

/**
 * Reads a spec from the text of its file.
 *
 * @param origin the file's path, for messages.
 * @throws ModelError that names the field, what it must be, and the value met.
 */
export function parseShotSpec(json: string, origin: string): ShotSpec {
  return readSpec(schema, json, origin);
}
