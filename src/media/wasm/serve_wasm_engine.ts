// ffmpeg as WebAssembly in a web worker of a page. A run of it blocks its thread, so on the page itself nothing would move.
import { MediaEngineError, UsageError } from "../../errors.ts";
import type { MediaLimits } from "../../limits.ts";
import type { MediaEngine } from "../engine.ts";
import { type PagePort, serveEngine } from "../remote/serve_engine.ts";
import type { CreateCore } from "./ffmpeg_core.ts";
import { startWasmEngine } from "./start_wasm_engine.ts";

/** Where a page serves the two files of @ffmpeg/core, from its folder dist/esm. */
export interface WasmCoreUrls {
  /** URL of ffmpeg-core.js. */
  readonly coreUrl: string;
  /** URL of ffmpeg-core.wasm. */
  readonly wasmUrl: string;
}

export interface WasmWorkerOpening extends WasmCoreUrls {
  readonly limits: Partial<MediaLimits>;
}

/** To be called once in a worker that `openWebMediaEngine` is told to start. */
export function serveWasmEngine(): void {
  serveEngine<WasmWorkerOpening>(globalThis as unknown as PagePort, openFromUrls);
}

async function openFromUrls({ coreUrl, wasmUrl, limits }: WasmWorkerOpening): Promise<MediaEngine> {
  try {
    const [module, response] = await Promise.all([
      // Bundlers must leave the address alone.
      import(/* webpackIgnore: true */ /* @vite-ignore */ coreUrl) as Promise<{
        readonly default: CreateCore;
      }>,
      fetch(wasmUrl),
    ]);
    if (!response.ok) throw new Error(`${wasmUrl} answers ${response.status}`);
    const wasmBinary = new Uint8Array(await response.arrayBuffer());
    return await startWasmEngine({ create: module.default, wasmBinary, openFile: refuseFile, limits });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new MediaEngineError(
      `Cannot start ffmpeg as WebAssembly as its files cannot be loaded: ${why}. ` +
        "Serve dist/esm/ffmpeg-core.js and ffmpeg-core.wasm of @ffmpeg/core and give their URLs.",
      { cause },
    );
  }
}

async function refuseFile(path: string): Promise<never> {
  throw new UsageError(
    `Cannot open a video by its path as browsers have no files: ${path}. Give its Blob or its bytes.`,
  );
}
