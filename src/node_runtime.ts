// The runtime of Node, Deno and Bun: files, ffmpeg (native, else wasm), Dawn or the runtime's own WebGPU.
import { createEncoder } from "./embed/encoder.ts";
import { findModel } from "./embed/find_model.ts";
import { GpuContext } from "./gpu/context.ts";
import { openStorage } from "./io/open_storage.ts";
import { withQuietStderr } from "./io/quiet_stderr.ts";
import { openMediaEngine } from "./media/open_media_engine.ts";
import { Runtime } from "./pipeline/runtime.ts";
import type { DevicePreference } from "./types.ts";

export interface NodeRuntimeOptions {
  /** Default "auto". */
  readonly device?: DevicePreference;
  /** Model that embeds clips. Default "builtin". */
  readonly embeddingAlgorithm?: string;
  /** Folder with the weights of models that are not built in. Default "./models". */
  readonly modelDir?: string;
}

/** Opens nothing by itself: each part opens on its first use. */
export function nodeRuntime({
  device = "auto",
  embeddingAlgorithm = "builtin",
  modelDir = "./models",
}: NodeRuntimeOptions = {}): Runtime {
  return new Runtime({
    openStorage,
    openDevice: () => GpuContext.acquire({ device, quietly: withQuietStderr }),
    openMediaEngine: () => openMediaEngine(),
    findModel: () => findModel(embeddingAlgorithm, { openStorage, modelDir }),
    openEncoder: (model, gpu, log) => createEncoder({ ...model, device, gpu, log }),
  });
}
