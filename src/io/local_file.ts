// Files of this machine that a user named, by path: inputs, not objects of a storage. Looking at what a path is comes
// before opening it, as opening a FIFO waits for a writer that may never come.
import type { Stats } from "node:fs";
import { type FileHandle, lstat, open, readFile, stat } from "node:fs/promises";
import { errorCode, fileError } from "./file_error.ts";
import type { PathKind } from "./storage.ts";

const CHUNK_BYTES = 1 << 20;
/** Asked for behind the end that a file had when it was opened. */
const GROWN_BYTES = 4096;

/** Bytes of a file in order, from a position on. Rejects with DataError where it cannot be read. */
export async function* readLocalFile(path: string, start: number = 0): AsyncIterable<Uint8Array> {
  const handle = await open(path, "r").catch((error: unknown) => {
    throw fileError("read", path, error);
  });
  try {
    // Files may grow while they are read; most end where they are said to, and a chunk is no larger than what is left.
    let position = start;
    let left = (await handle.stat()).size - start;
    for (;;) {
      const chunk = new Uint8Array(left > 0 ? Math.min(left, CHUNK_BYTES) : GROWN_BYTES);
      const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      left -= bytesRead;
      yield bytesRead === chunk.byteLength ? chunk : chunk.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** The whole file. Rejects with DataError where it cannot be read. */
export async function readWholeFile(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: unknown) => {
    throw fileError("read", path, error);
  });
}

export async function localFileSize(path: string): Promise<number> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError("read", path, error);
  });
  return stats.size;
}

/** What a path leads to, links followed. Rejects with DataError where it may not look. */
export async function localFileKind(path: string): Promise<PathKind> {
  try {
    return kindOf(await stat(path));
  } catch (error) {
    const code = errorCode(error);
    if (code === "ELOOP") return "link loop";
    if (code !== "ENOENT" && code !== "ENOTDIR") throw fileError("read", path, error);
    const link = await lstat(path).catch(() => undefined);
    return link?.isSymbolicLink() === true ? "broken link" : "missing";
  }
}

/** What the stats are of. */
export function kindOf(stats: Stats): Exclude<PathKind, "broken link" | "link loop" | "missing"> {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  if (stats.isFIFO()) return "pipe";
  return stats.isSocket() ? "socket" : "device";
}

/** Bytes [start, end) of a file; shorter where the file ends before. Rejects with DataError where it cannot be read. */
export async function readFileRange(path: string, start: number, end: number): Promise<Uint8Array> {
  const handle = await open(path, "r").catch((error: unknown) => {
    throw fileError("read", path, error);
  });
  try {
    return await filled(handle, new Uint8Array(end - start), start);
  } finally {
    await handle.close();
  }
}

/** As many bytes of a file from each of several places. Rejects with DataError where it cannot be read. */
export async function* readFileRanges(
  path: string,
  starts: Iterable<number>,
  sizeBytes: number,
): AsyncIterable<{ readonly start: number; readonly bytes: Uint8Array }> {
  const handle = await open(path, "r").catch((error: unknown) => {
    throw fileError("read", path, error);
  });
  try {
    for (const start of starts) {
      yield { start, bytes: await filled(handle, new Uint8Array(sizeBytes), start) };
    }
  } finally {
    await handle.close();
  }
}

/** Fills bytes from a position of a file on; what the file has of them. */
export async function filled(
  handle: FileHandle,
  bytes: Uint8Array<ArrayBuffer>,
  position: number,
): Promise<Uint8Array<ArrayBuffer>> {
  let count = 0;
  while (count < bytes.byteLength) {
    const { bytesRead } = await handle.read(bytes, count, bytes.byteLength - count, position + count);
    if (bytesRead === 0) break;
    count += bytesRead;
  }
  return count === bytes.byteLength ? bytes : bytes.slice(0, count);
}
