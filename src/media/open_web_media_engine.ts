// Opens the media engine of a browser: WebCodecs, and ffmpeg as WebAssembly in a worker for what that cannot read, where
// the page has given it one.

import { MediaEngineError, UsageError } from "../errors.ts";
import type { MediaLimits } from "../limits.ts";
import type { MediaEngine } from "./engine.ts";
import { EngineWithFallback } from "./engine_with_fallback.ts";
import { openRemoteEngine } from "./remote/remote_engine.ts";
import type { WasmCoreUrls, WasmWorkerOpening } from "./wasm/serve_wasm_engine.ts";
import { createWebCodecsEngine } from "./webcodecs/webcodecs_engine.ts";

/** ffmpeg as WebAssembly for a page. @ffmpeg/core is GPL and 32 MB: a page that uses it serves it. */
export interface WasmWorkerOptions extends WasmCoreUrls {
  /**
   * Starts a module worker whose script calls `serveWasmEngine()`. Called again after a stop request, which ends the worker.
   */
  readonly startWorker: () => Worker;
}

export interface WebMediaEngineOptions {
  /** Default: videos that WebCodecs cannot read are refused. */
  readonly wasm?: WasmWorkerOptions;
  /** Takes this engine or none. Default: WebCodecs where there is one, and wasm for the rest where it is given. */
  readonly prefer?: "webcodecs" | "wasm";
  /** Default: those of the command line. */
  readonly limits?: Partial<MediaLimits>;
}

const ENCODER_TWINS: Readonly<Record<string, string>> = {
  h264_webcodecs: "libx264",
  vp9_webcodecs: "libvpx-vp9",
  av1_webcodecs: "libx264",
};

/** Rejects with MediaEngineError that says what is missing. */
export async function openWebMediaEngine(options: WebMediaEngineOptions = {}): Promise<MediaEngine> {
  const { wasm, prefer, limits = {} } = options;
  if (prefer === "wasm") {
    if (wasm === undefined) {
      throw new UsageError(
        "Cannot open ffmpeg as WebAssembly as no worker was given: wasm. Give startWorker, coreUrl and wasmUrl.",
      );
    }
    return await openWasmWorker(wasm, limits);
  }
  if (wasm === undefined || prefer === "webcodecs") return await createWebCodecsEngine(limits);
  const second = await openWasmWorker(wasm, limits);
  const first = await createWebCodecsEngine(limits).catch((error: unknown) => {
    if (error instanceof MediaEngineError) return null;
    throw error;
  });
  return first === null ? second : new EngineWithFallback({ first, second, encoderTwins: ENCODER_TWINS });
}

async function openWasmWorker(
  { startWorker, coreUrl, wasmUrl }: WasmWorkerOptions,
  limits: Partial<MediaLimits>,
): Promise<MediaEngine> {
  return await openRemoteEngine<WasmWorkerOpening>(startWorker, { coreUrl, wasmUrl, limits });
}
