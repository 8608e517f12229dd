// One loaded encoder on one backend, through transformers.js. Two traps: its settings are global to the process, and a
// relative path reads to it as a hub id, so folders are absolute and remote models stay off unless a hub id was named.
import { ModelError } from "../errors.ts";
import type { FoundModel } from "./find_model.ts";
import { type ModelSpec, weightsPath } from "./spec.ts";

/** Where inference runs. */
export type Backend = "webgpu" | "cpu";

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

type Transformers = typeof import("@huggingface/transformers");

const silent = 50;

let loading: Promise<Transformers> | undefined;

/** Loads transformers.js once, quiet and offline. It is large, so nothing loads it before a model is wanted. */
async function loadTransformers(): Promise<Transformers> {
  loading ??= import("@huggingface/transformers").then((library) => {
    library.env.logLevel = silent;
    library.env.allowRemoteModels = false;
    return library;
  });
  return await loading;
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
  const { spec, folder, hub } = model;
  const library = await loadTransformers();
  const { modelClass, file, externalDataFiles } = spec.transformers;
  // Only the user's own word (a hub id) opens the door to the network, and it stays open no longer than the loading.
  library.env.allowRemoteModels = hub !== undefined;
  let loaded: Awaited<ReturnType<typeof library.PreTrainedModel.from_pretrained>>;
  try {
    loaded = await library[modelClass].from_pretrained(hub?.id ?? folder, {
      device: backend,
      dtype: spec.dtype,
      model_file_name: file,
      ...(externalDataFiles === 0 ? {} : { use_external_data_format: externalDataFiles }),
      local_files_only: hub === undefined,
      ...(hub === undefined ? {} : { revision: hub.revision, cache_dir: hub.cacheFolder }),
      // A model type of "custom" tells transformers.js that any file with one input will do.
      ...(modelClass === "PreTrainedModel" ? { config: { model_type: "custom" } as never } : {}),
    });
  } catch (cause) {
    throw new ModelError(
      `Cannot load the model ${spec.name} on the ${backendTitle(backend)} as ${firstLine(cause)}: ${hub?.id ?? `${folder}/${weightsPath(spec)}`}. ${
        hub === undefined
          ? "Check the file, or try --device software"
          : "Check the id and the network, or download the files and give their folder"
      }`,
      { cause },
    );
  } finally {
    library.env.allowRemoteModels = false;
  }
  return new TransformersSession(library, loaded, spec, backend);
}

export function backendTitle(backend: Backend): string {
  return backend === "webgpu" ? "GPU through WebGPU" : "CPU";
}

interface RunnableModel {
  (inputs: Record<string, unknown>): Promise<Record<string, ModelOutput | undefined>>;
  dispose(): Promise<unknown>;
  readonly sessions: Readonly<Record<string, SessionFacts>>;
}

interface ModelOutput {
  readonly dims: readonly number[];
  to(type: "float32"): { readonly data: unknown };
  dispose(): void;
}

interface SessionFacts {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata?: readonly { readonly name: string; readonly type?: string }[];
}

class TransformersSession implements OnnxSession {
  readonly backend: Backend;
  readonly #library: Transformers;
  readonly #model: RunnableModel;
  readonly #spec: ModelSpec;
  readonly #takesHalf: boolean;

  constructor(library: Transformers, model: unknown, spec: ModelSpec, backend: Backend) {
    this.backend = backend;
    this.#library = library;
    this.#model = model as RunnableModel;
    this.#spec = spec;
    const facts = this.#model.sessions.model;
    if (facts !== undefined) checkNames(facts, spec);
    const input = facts?.inputMetadata?.find(({ name }) => name === spec.inputName);
    this.#takesHalf = input?.type === "float16";
  }

  async run(input: Float32Array, batch: number): Promise<Float32Array> {
    const { name, inputName, outputName } = this.#spec;
    const full = new this.#library.Tensor("float32", input, [...inputShape(this.#spec, batch)]);
    let outputs: Record<string, ModelOutput | undefined>;
    try {
      outputs = await this.#model({ [inputName]: this.#takesHalf ? full.to("float16") : full });
    } catch (cause) {
      throw new ModelError(
        `Cannot run the model ${name} on the ${backendTitle(this.backend)} as ${firstLine(cause)}: input ${inputShape(this.#spec, batch).join(" x ")}. Check size and layout of its spec`,
        { cause },
      );
    }
    const output = outputs[outputName];
    if (output === undefined) {
      throw new ModelError(
        `Cannot read the model ${name} as it has no output of the name in its spec: ${outputName}. It has: ${Object.keys(outputs).join(", ")}`,
      );
    }
    const values = readOutput(output, this.#spec, batch);
    for (const tensor of Object.values(outputs)) tensor?.dispose();
    return values;
  }

  async close(): Promise<void> {
    await this.#model.dispose();
  }
}

function checkNames({ inputNames, outputNames }: SessionFacts, spec: ModelSpec): void {
  for (const [what, wanted, names] of [
    ["input", spec.inputName, inputNames],
    ["output", spec.outputName, outputNames],
  ] as const) {
    if (!names.includes(wanted)) {
      throw new ModelError(
        `Cannot use the model ${spec.name} as it has no ${what} of the name in its spec: ${wanted}. It has: ${names.join(", ")}`,
      );
    }
  }
}

/** batch x dimension, or the first token of batch x tokens x dimension. */
function readOutput(
  output: ModelOutput,
  { name, dimension, outputToken }: ModelSpec,
  batch: number,
): Float32Array {
  const dims = output.dims;
  const shape = outputToken === undefined ? [batch, dimension] : [batch, dims[1] ?? 0, dimension];
  if (dims.length !== shape.length || dims.some((size, axis) => size !== shape[axis])) {
    throw new ModelError(
      `Cannot use the answer of the model ${name} as its spec promises ${batch} x ${outputToken === undefined ? "" : "tokens x "}${dimension}: ${dims.join(" x ")}`,
    );
  }
  const data = output.to("float32").data as Float32Array;
  if (outputToken === undefined) return Float32Array.from(data);
  const stride = (dims[1] ?? 1) * dimension;
  const rows = new Float32Array(batch * dimension);
  for (let item = 0; item < batch; item++) {
    rows.set(data.subarray(item * stride, item * stride + dimension), item * dimension);
  }
  return rows;
}

function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return (message.split("\n")[0] ?? "").replace(/\.$/, "");
}
