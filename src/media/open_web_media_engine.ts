// Opens the media engine of a browser: WebCodecs.
import type { MediaEngine } from "./engine.ts";
import { createWebCodecsEngine } from "./webcodecs/webcodecs_engine.ts";

/** Rejects with MediaEngineError that says what is missing. */
export async function openWebMediaEngine(): Promise<MediaEngine> {
  return await createWebCodecsEngine();
}
