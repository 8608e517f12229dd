// A folder of this machine for files that live shorter than one unit of work, below the system's temporary folder.
// The trap: a killed process leaves it behind, so nothing of worth may exist only here. The name tells the process, so
// that the next run can remove it (run_lock.ts).
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileError } from "./file_error.ts";

export interface TempFolder {
  /** Absolute. */
  readonly path: string;
  /** Absolute path of a name in this folder. */
  file(name: string): string;
  write(name: string, body: Uint8Array | string | AsyncIterable<Uint8Array>): Promise<void>;
  /** Makes a file anew, open so that each write goes to its end, whoever writes: for a child process to inherit. */
  openToAppend(name: string): Promise<OpenFile>;
  /** Deletes one file; an absent one is no error. */
  delete(name: string): Promise<void>;
  /** Deletes the folder and all that is in it. */
  remove(): Promise<void>;
}

export interface OpenFile {
  readonly descriptor: number;
  close(): Promise<void>;
}

/** @param prefix start of the folder's name, "clipsieve-<purpose>-": the process id follows. */
export async function createTempFolder(prefix: string): Promise<TempFolder> {
  const parent = tmpdir();
  const path = await mkdtemp(join(parent, `${prefix}${process.pid}-`)).catch((error: unknown) => {
    throw fileError("write", parent, error);
  });
  return {
    path,
    file: (name) => join(path, name),
    async write(name, body) {
      await writeFile(join(path, name), body).catch((error: unknown) => {
        throw fileError("write", join(path, name), error);
      });
    },
    async openToAppend(name) {
      await rm(join(path, name), { force: true });
      const handle = await open(join(path, name), "ax").catch((error: unknown) => {
        throw fileError("write", join(path, name), error);
      });
      return { descriptor: handle.fd, close: () => handle.close() };
    },
    delete: (name) => rm(join(path, name), { force: true }),
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
