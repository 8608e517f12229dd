// One loaded encoder on one backend: shapes its input as the spec says, and checks the shape of what it answers.
import { ModelError } from "../errors.ts";
import { type Backend, type ModelAnswer, TransformersModel } from "../onnx/transformers_model.ts";
import type { FoundModel } from "./find_model.ts";
import type { ModelSpec } from "./spec.ts";

export { type Backend, backendTitle } from "../onnx/transformers_model.ts";

/** A loaded model. Calls to `run` must not overlap. */
export interface OnnxSession {
  readonly backend: Backend;
  /**
   * Embeds `batch` items: f32 in the spec's layout to f32 batch x dimension.
   * Rejects with ModelError where the model refuses the input or answers in another shape than the spec says.
   */
  run(input: Float32Array, batch: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Shape of the input for `batch` items. */
export function inputShape({ layout, frames, size }: ModelSpec, batch: number): readonly number[] {
  if (layout === "BCHW") return [batch, 3, size.height, size.width];
  if (layout === "BTCHW") return [batch, frames, 3, size.height, size.width];
  return [batch, 3, frames, size.height, size.width];
}

/**
 * Loads a model on a backend.
 *
 * @throws ModelError where it cannot be loaded there; the cause holds the runtime's own words.
 */
export async function openSession(model: FoundModel, backend: Backend): Promise<OnnxSession> {
  const { spec } = model;
  const loaded = await TransformersModel.load(model, backend);
  return {
    backend,
    run: async (data, batch) => {
      const input = { data, dims: inputShape(spec, batch) };
      return readOutput(await loaded.run(input, "Check size and layout of its spec"), spec, batch);
    },
    close: () => loaded.close(),
  };
}

/** batch x dimension, or the first token of batch x tokens x dimension. */
function readOutput(
  { dims, data }: ModelAnswer,
  { name, dimension, outputToken }: ModelSpec,
  batch: number,
): Float32Array {
  const shape = outputToken === undefined ? [batch, dimension] : [batch, dims[1] ?? 0, dimension];
  if (dims.length !== shape.length || dims.some((size, axis) => size !== shape[axis])) {
    throw new ModelError(
      `Cannot use the answer of the model ${name} as its spec promises ${batch} x ${outputToken === undefined ? "" : "tokens x "}${dimension}: ${dims.join(" x ")}`,
    );
  }
  if (outputToken === undefined) return data;
  const stride = (dims[1] ?? 1) * dimension;
  const rows = new Float32Array(batch * dimension);
  for (let item = 0; item < batch; item++) {
    rows.set(data.subarray(item * stride, item * stride + dimension), item * dimension);
  }
  return rows;
}
