// A source as a file that ffmpeg can open: the file itself after a look at what its path leads to (a FIFO would block,
// a folder confuse), or a temporary file for bytes in memory.
import { isAbsolute, resolve } from "node:path";
import { DataError, InputError } from "../../errors.ts";
import { localFileKind, localFileSize } from "../../io/local_file.ts";
import { createTempFolder } from "../../io/temp_folder.ts";
import type { MediaSource } from "../engine.ts";

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
    await checkFile(source.path);
    const path = isAbsolute(source.path) ? source.path : resolve(source.path);
    return { path, name: source.path, close: async () => undefined };
  }
  if (source.bytes.byteLength === 0) throw emptyError(source.name);
  const folder = await createTempFolder("clipsieve-source-");
  // Only the ending of the name is used: ffmpeg takes it as a hint at the format.
  const name = `source${/\.[A-Za-z0-9]{1,5}$/.exec(source.name)?.[0] ?? ""}`;
  await folder.write(name, source.bytes);
  return { path: folder.file(name), name: source.name, close: () => folder.remove() };
}

async function checkFile(path: string): Promise<void> {
  if (path.includes("\0")) throw unreadable(path, "its name holds a zero byte");
  const kind = await localFileKind(path).catch((error: unknown) => {
    throw error instanceof DataError ? new InputError("unreadable", error.message, { cause: error }) : error;
  });
  if (kind === "missing") throw unreadable(path, "there is no such file");
  if (kind !== "file") {
    throw new InputError(
      "unreadable",
      `Cannot read a video as it is a ${kind === "folder" ? "folder" : "pipe, socket or device"}, not a file: ${path}`,
      { skipped: true },
    );
  }
  if ((await localFileSize(path)) === 0) throw emptyError(path);
}

function unreadable(path: string, why: string): InputError {
  return new InputError("unreadable", `Cannot read a video as ${why}: ${path}`);
}

function emptyError(name: string): InputError {
  return new InputError("empty-file", `Cannot read a video as it has no bytes: ${name}`, { skipped: true });
}
