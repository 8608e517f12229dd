// Opens @ffmpeg/core from the package folder, on Node, Bun and Deno. It is GPL and 32 MB, so it is an optional dependency
// that is only looked for when there is no ffmpeg.
import { createRequire } from "node:module";
import { MediaEngineError } from "../../errors.ts";
import { readWholeFile } from "../../io/local_file.ts";
import { openSyncFile } from "../../io/sync_file.ts";
import type { MediaLimits } from "../../limits.ts";
import type { MediaEngine } from "../engine.ts";
import { checkLocalVideo } from "../local_video.ts";
import type { CreateCore } from "./ffmpeg_core.ts";
import { startWasmEngine } from "./start_wasm_engine.ts";

/** A variable keeps compilers and bundlers from demanding the package. */
const PACKAGE: string = "@ffmpeg/core";

/** Rejects with MediaEngineError when @ffmpeg/core is not installed or does not start. */
export async function createWasmEngine(limits: Partial<MediaLimits> = {}): Promise<MediaEngine> {
  try {
    const require = createRequire(import.meta.url);
    const wasmBinary = await readWholeFile(require.resolve(`${PACKAGE}/wasm`));
    const { default: create } = (await import(PACKAGE)) as { readonly default: CreateCore };
    return await startWasmEngine({
      create,
      wasmBinary: new Uint8Array(wasmBinary),
      async openFile(path) {
        await checkLocalVideo(path);
        return openSyncFile(path);
      },
      limits,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new MediaEngineError(
      `Cannot start ffmpeg as WebAssembly as ${PACKAGE} is missing or broken: ${why}. Install it: npm install ${PACKAGE}`,
      { cause: error },
    );
  }
}
