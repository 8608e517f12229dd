// A file of this machine read in ranges without waiting, for callers that cannot: ffmpeg as WebAssembly asks for bytes
// from inside a call.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { fileError } from "./file_error.ts";

export interface SyncFile {
  readonly sizeBytes: number;
  /** Fills `target` from a position on; the number of bytes read, less than asked for at the end of the file. */
  read(target: Uint8Array, position: number): number;
  close(): void;
}

/** @throws DataError where it cannot be read. */
export function openSyncFile(path: string): SyncFile {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw fileError("read", path, error);
    }
  };
  const descriptor = attempt(() => openSync(path, "r"));
  return {
    sizeBytes: attempt(() => fstatSync(descriptor).size),
    read: (target, position) => attempt(() => readSync(descriptor, target, 0, target.byteLength, position)),
    close: () => closeSync(descriptor),
  };
}
