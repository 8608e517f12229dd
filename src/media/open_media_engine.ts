// Chooses the media engine of this machine: the system's ffmpeg where it works, else ffmpeg as WebAssembly, which is some
// ten times slower.
import { MediaEngineError } from "../errors.ts";
import type { Log } from "../types.ts";
import type { MediaEngine } from "./engine.ts";
import { createNativeEngine, type NativeEngineOptions } from "./native/native_engine.ts";
import { createWasmEngine } from "./wasm/create_wasm_engine.ts";

export interface OpenMediaEngineOptions extends NativeEngineOptions {
  /** Takes this engine or none. Default: native, else wasm. */
  readonly prefer?: "native" | "wasm";
  /** Hears why the slow engine is taken. */
  readonly log?: Log;
}

/** Rejects with MediaEngineError that says what to install. */
export async function openMediaEngine(options: OpenMediaEngineOptions = {}): Promise<MediaEngine> {
  const { prefer, log, ...native } = options;
  if (prefer === "native") return createNativeEngine(native);
  if (prefer === "wasm") return createWasmEngine(native);
  try {
    return await createNativeEngine(native);
  } catch (nativeError) {
    if (!(nativeError instanceof MediaEngineError)) throw nativeError;
    const engine = await createWasmEngine(native).catch((wasmError: unknown) => {
      const also = wasmError instanceof Error ? wasmError.message : String(wasmError);
      throw new MediaEngineError(`${nativeError.message} Nor is there a substitute: ${also}`, {
        cause: nativeError,
      });
    });
    log?.("warn", `${nativeError.message} Going on with ${engine.version}, which is some ten times slower`);
    return engine;
  }
}
