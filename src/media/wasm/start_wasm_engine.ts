// Starts the wasm engine from the parts of @ffmpeg/core, wherever they came from.
import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from "../../limits.ts";
import type { MediaEngine } from "../engine.ts";
import { type CreateCore, coreFactory } from "./ffmpeg_core.ts";
import { WasmEngine, type WasmHost } from "./wasm_engine.ts";

export interface WasmParts {
  /** The default export of ffmpeg-core.js. */
  readonly create: CreateCore;
  /** ffmpeg-core.wasm. */
  readonly wasmBinary: Uint8Array<ArrayBuffer>;
  readonly openFile: WasmHost["openFile"];
  readonly limits: Partial<MediaLimits>;
}

export async function startWasmEngine({
  create,
  wasmBinary,
  openFile,
  limits,
}: WasmParts): Promise<MediaEngine> {
  const createCore = await coreFactory(create, wasmBinary);
  let version = "";
  const core = await createCore();
  core.setLogger(({ message }) => {
    version ||= /^ffmpeg version (\S+)/.exec(message)?.[1] ?? "";
  });
  core.exec("-version");
  return new WasmEngine({
    version: `@ffmpeg/core (wasm), ffmpeg ${version}`,
    limits: { ...DEFAULT_MEDIA_LIMITS, ...limits },
    createCore,
    openFile,
  });
}
