// The runtime of browsers: storages that the page gives, WebGPU, WebCodecs (and ffmpeg as WebAssembly in a worker), models
// that the page serves.
import { createEncoder } from "./embed/encoder.ts";
import { findWebModel, type WebModelUrls } from "./embed/find_web_model.ts";
import { ModelError } from "./errors.ts";
import { GpuContext } from "./gpu/context.ts";
import type { OpenStorage } from "./io/storage.ts";
import { openWebMediaEngine, type WebMediaEngineOptions } from "./media/open_web_media_engine.ts";
import { Runtime } from "./pipeline/runtime.ts";
import type { DevicePreference } from "./types.ts";

export interface WebRuntimeOptions {
  /** Opens what stages name as input and output: a BlobStorage, a MemoryStorage. */
  readonly openStorage: OpenStorage;
  /** Where the embedding model is served. Left out: clips are not embedded. */
  readonly model?: WebModelUrls;
  /** How videos are decoded. Default: with WebCodecs. */
  readonly media?: WebMediaEngineOptions;
  /** Default "auto". */
  readonly device?: DevicePreference;
}

/** Opens nothing by itself: each part opens on its first use. */
export function webRuntime({ openStorage, model, media, device = "auto" }: WebRuntimeOptions): Runtime {
  return new Runtime({
    openStorage,
    openDevice: () => GpuContext.acquire({ device }),
    openMediaEngine: () => openWebMediaEngine(media),
    findModel: async () => {
      if (model === undefined) {
        throw new ModelError(
          "Cannot embed clips as the page names no model: model. Give webRuntime its modelUrl and onnxRuntimeUrl, or set generateEmbeddings to false.",
        );
      }
      return await findWebModel(model);
    },
    openEncoder: (found, gpu, log) => createEncoder({ ...found, device, gpu, log }),
  });
}
