// One loaded ONNX model on one backend: the only door to transformers.js. Two traps: its settings are global to the process,
// and a relative path reads to it as a hub id, so folders are absolute and remote models stay off unless a hub id was
// named.
import { ModelError } from "../errors.ts";
import type { LocatedModel } from "./model_folders.ts";
import { type OnnxSpec, weightsPath } from "./onnx_spec.ts";

/** Where inference runs. */
export type Backend = "webgpu" | "cpu";

export interface ModelInput {
  readonly data: Float32Array | Uint8Array;
  readonly dims: readonly number[];
}

export interface ModelAnswer {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

type Transformers = typeof import("@huggingface/transformers");

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

/** In browsers the library would fetch its WebAssembly from a CDN, and takes no model for local. */
function serveFromOwnOrigin({ env }: Transformers, onnxRuntimeUrl: string): void {
  env.allowLocalModels = true;
  env.useBrowserCache = false;
  const { wasm } = env.backends.onnx;
  if (wasm !== undefined) wasm.wasmPaths = onnxRuntimeUrl;
}

export function backendTitle(backend: Backend): string {
  return backend === "webgpu" ? "GPU through WebGPU" : "CPU";
}

/** Calls to `run` must not overlap. */
export class TransformersModel {
  readonly backend: Backend;
  readonly #library: Transformers;
  readonly #model: RunnableModel;
  readonly #spec: OnnxSpec;
  readonly #inputType: string | undefined;

  /**
   * Loads a model on a backend.
   *
   * @throws ModelError where it cannot be loaded there; the cause holds the runtime's own words.
   */
  static async load(
    { spec, folder, hub, onnxRuntimeUrl }: LocatedModel<OnnxSpec>,
    backend: Backend,
  ): Promise<TransformersModel> {
    const { modelClass, file, externalDataFiles } = spec.transformers;
    const library = await loadTransformers();
    if (onnxRuntimeUrl !== undefined) serveFromOwnOrigin(library, onnxRuntimeUrl);
    // Only the user's own word (a hub id) opens the door to the network, and it stays open no longer than the loading.
    library.env.allowRemoteModels = hub !== undefined;
    let loaded: Awaited<ReturnType<typeof library.PreTrainedModel.from_pretrained>>;
    try {
      loaded = await library[modelClass].from_pretrained(hub?.id ?? folder, {
        // Where onnxruntime-web computes, the CPU is reached through WebAssembly and called that.
        device: backend === "cpu" && onnxRuntimeUrl !== undefined ? "wasm" : backend,
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
    return new TransformersModel(library, loaded, spec, backend);
  }

  private constructor(library: Transformers, model: unknown, spec: OnnxSpec, backend: Backend) {
    this.backend = backend;
    this.#library = library;
    this.#model = model as RunnableModel;
    this.#spec = spec;
    const facts = this.#model.sessions.model;
    if (facts !== undefined) checkNames(facts, spec);
    this.#inputType = facts?.inputMetadata?.find(({ name }) => name === spec.inputName)?.type;
  }

  /**
   * The wanted output as f32. Rejects with ModelError where the model refuses the input.
   * @param remedy what to look at then.
   */
  async run({ data, dims }: ModelInput, remedy: string): Promise<ModelAnswer> {
    const { name, inputName, outputName } = this.#spec;
    let outputs: Record<string, ModelOutput | undefined>;
    try {
      outputs = await this.#model({ [inputName]: this.#tensor(data, [...dims]) });
    } catch (cause) {
      throw new ModelError(
        `Cannot run the model ${name} on the ${backendTitle(this.backend)} as ${firstLine(cause)}: input ${dims.join(" x ")}. ${remedy}`,
        { cause },
      );
    }
    const output = outputs[outputName];
    if (output === undefined) {
      throw new ModelError(
        `Cannot read the model ${name} as it has no output of the name in its spec: ${outputName}. It has: ${Object.keys(outputs).join(", ")}`,
      );
    }
    const answer = { dims: output.dims, data: Float32Array.from(output.to("float32").data as Float32Array) };
    for (const tensor of Object.values(outputs)) tensor?.dispose();
    return answer;
  }

  async close(): Promise<void> {
    await this.#model.dispose();
  }

  /** In the type that the model takes. */
  #tensor(data: Float32Array | Uint8Array, dims: number[]): unknown {
    const { Tensor } = this.#library;
    if (data instanceof Uint8Array && this.#inputType === "uint8") return new Tensor("uint8", data, dims);
    const full = new Tensor("float32", data instanceof Uint8Array ? Float32Array.from(data) : data, dims);
    return this.#inputType === "float16" ? full.to("float16") : full;
  }
}

function checkNames({ inputNames, outputNames }: SessionFacts, spec: OnnxSpec): void {
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

function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return (message.split("\n")[0] ?? "").replace(/\.$/, "");
}
