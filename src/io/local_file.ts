// Files of this machine that a user named, by path: inputs, not objects of a storage. Looking at what a path is comes
// before opening it, as opening a FIFO waits for a writer that may never come.
import { open, readFile, stat } from "node:fs/promises";
import { errorCode, fileError } from "./file_error.ts";

const CHUNK_BYTES = 1 << 20;

/** Bytes of a file in order. Rejects with DataError where it cannot be read. */
export async function* readLocalFile(path: string): AsyncIterable<Uint8Array> {
  const handle = await open(path, "r").catch((error: unknown) => {
    throw fileError("read", path, error);
  });
  try {
    for (;;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield bytesRead === CHUNK_BYTES ? chunk : chunk.subarray(0, bytesRead);
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

/** What a path leads to, links followed. "other": a FIFO, socket or device. Rejects with DataError where it may not look. */
export async function localFileKind(path: string): Promise<"file" | "folder" | "other" | "missing"> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "other";
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return "missing";
    throw fileError("read", path, error);
  }
}

/** Bytes [start, end) of a file; shorter where the file ends before. Rejects with DataError where it cannot be read. */
export async function readFileRange(path: string, start: number, end: number): Promise<Uint8Array> {
  const handle = await open(path, "r").catch((error: unknown) => {
    throw fileError("read", path, error);
  });
  try {
    const bytes = new Uint8Array(end - start);
    let filled = 0;
    while (filled < bytes.byteLength) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.byteLength - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled === bytes.byteLength ? bytes : bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}
