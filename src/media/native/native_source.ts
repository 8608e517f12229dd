// A source as a file that ffmpeg can open: the file itself, after a look at what its path leads to, or a temporary file
// for a Blob or bytes in memory.
import { isAbsolute, resolve } from "node:path";
import { createTempFolder } from "../../io/temp_folder.ts";
import type { MediaSource } from "../engine.ts";
import { checkLocalVideo } from "../local_video.ts";
import { emptyVideoError } from "../probe_failure.ts";

export interface OpenedSource {
  /** Absolute. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
  close(): Promise<void>;
}

/** Rejects with InputError unreadable or empty-file. */
export async function openSource(source: MediaSource): Promise<OpenedSource> {
  if (source.kind === "file") {
    await checkLocalVideo(source.path);
    const path = isAbsolute(source.path) ? source.path : resolve(source.path);
    return { path, name: source.path, close: async () => undefined };
  }
  const body = source.kind === "blob" ? source.blob.stream() : source.bytes;
  if ((source.kind === "blob" ? source.blob.size : source.bytes.byteLength) === 0)
    throw emptyVideoError(source.name);
  const folder = await createTempFolder("clipsieve-source-");
  // Only the ending of the name is used: ffmpeg takes it as a hint at the format.
  const name = `source${/\.[A-Za-z0-9]{1,5}$/.exec(source.name)?.[0] ?? ""}`;
  await folder.write(name, body);
  return { path: folder.file(name), name: source.name, close: () => folder.remove() };
}
