// The runtime of Node, Deno and Bun: files, ffmpeg (native, else wasm), Dawn or the runtime's own WebGPU.
import { createEncoder } from "./embed/encoder.ts";
import { findModel } from "./embed/find_model.ts";
import { DeviceUnavailableError } from "./errors.ts";
import { shaderDigest } from "./generated/shaders.ts";
import { GpuContext } from "./gpu/context.ts";
import { openStorage } from "./io/open_storage.ts";
import { withQuietStderr } from "./io/quiet_stderr.ts";
import { cached } from "./io/user_cache.ts";
import { tuneKernels } from "./kernels/tuning.ts";
import { DEFAULT_MEDIA_LIMITS } from "./limits.ts";
import { openMediaEngine } from "./media/open_media_engine.ts";
import { Runtime } from "./pipeline/runtime.ts";
import type { DevicePreference } from "./types.ts";
import { findShotModel, openShotModel } from "./video/shot_model.ts";

export interface NodeRuntimeOptions {
  /** Default "auto". */
  readonly device?: DevicePreference;
  /** Model that embeds clips. Default "builtin". */
  readonly embeddingAlgorithm?: string;
  /** Folder with the weights of models that are not built in. Default "./models". */
  readonly modelDir?: string;
  /** Limits of one video; limits.ts has the defaults. */
  readonly maxPixels?: number;
  readonly maxFramesPerVideo?: number;
  readonly ffmpegIdleTimeoutS?: number;
  readonly ffmpegTimeoutS?: number;
}

/** Opens nothing by itself: each part opens on its first use. */
export function nodeRuntime({
  device = "auto",
  embeddingAlgorithm = "builtin",
  modelDir = "./models",
  maxPixels = DEFAULT_MEDIA_LIMITS.maxPixels,
  maxFramesPerVideo: maxFrames = DEFAULT_MEDIA_LIMITS.maxFrames,
  ffmpegIdleTimeoutS: idleSeconds = DEFAULT_MEDIA_LIMITS.idleSeconds,
  ffmpegTimeoutS: wallSeconds = DEFAULT_MEDIA_LIMITS.wallSeconds,
}: NodeRuntimeOptions = {}): Runtime {
  return new Runtime({
    openStorage,
    openDevice: () => openTunedDevice(device),
    openMediaEngine: (log) => openMediaEngine({ maxPixels, maxFrames, idleSeconds, wallSeconds, log }),
    findModel: () => findModel(embeddingAlgorithm, { openStorage, modelDir }),
    openEncoder: (model, gpu, log) => createEncoder({ ...model, device, gpu, log }),
    shots: {
      find: () => findShotModel({ openStorage, modelDir }),
      open: async (model, openDevice, log) =>
        await openShotModel(model, { device, hasGpu: device === "auto" && (await isGpu(openDevice)), log }),
    },
  });
}

/** Whether the device is a real GPU. Where there is none at all, a model still runs on the CPU. */
async function isGpu(openDevice: () => Promise<GpuContext>): Promise<boolean> {
  try {
    return !(await openDevice()).adapter.software;
  } catch (error) {
    if (error instanceof DeviceUnavailableError) return false;
    throw error;
  }
}

/** Software adapters are known (lanes8 or plain); a GPU is measured once for each driver and version of the shaders. */
async function openTunedDevice(device: DevicePreference): Promise<GpuContext> {
  const gpu = await GpuContext.acquire({ device, quietly: withQuietStderr });
  if (gpu.adapter.software) return gpu;
  const key = JSON.stringify([gpu.adapter.name, gpu.adapter.provider, shaderDigest]);
  gpu.tuning = await cached("tuning", key, () => tuneKernels(gpu));
  return gpu;
}
