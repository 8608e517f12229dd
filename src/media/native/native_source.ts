// A source as a file that ffmpeg can open: the file itself, after a look at what its path leads to, or a temporary file
// for a Blob or bytes in memory.
import { isAbsolute, resolve } from "node:path";
import { DataError, InterruptedError } from "../../errors.ts";
import { readLocalFile } from "../../io/local_file.ts";
import { createTempFolder } from "../../io/temp_folder.ts";
import type { MediaSource } from "../engine.ts";
import { checkLocalVideo } from "../local_video.ts";
import { bytesFailure, emptyVideoError, type NamedPath } from "../probe_failure.ts";

export interface OpenedSource {
  /** Absolute. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
  close(): Promise<void>;
}

/** Reads a whole file, for its errors alone. Rejects with InputError unreadable where it has one, or InterruptedError. */
export async function requireReadable({ path, name }: NamedPath, signal?: AbortSignal): Promise<void> {
  try {
    for await (const _ of readLocalFile(path)) {
      if (signal?.aborted)
        throw new InterruptedError(`Cannot finish with a video as the work was stopped: ${name}`);
    }
  } catch (error) {
    throw error instanceof InterruptedError ? error : bytesFailure(name, error);
  }
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
  try {
    await folder.write(name, body);
  } catch (error) {
    await folder.remove();
    throw error instanceof DataError ? error : bytesFailure(source.name, error);
  }
  return { path: folder.file(name), name: source.name, close: () => folder.remove() };
}
