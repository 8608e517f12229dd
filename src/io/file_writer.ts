// Writes one file whole or not at all: a temporary name in the same folder, fsync, rename, fsync of the folder.
// The order matters: without the fsync before the rename, a power cut may leave the name with no bytes behind it
// (https://lwn.net/Articles/457667/).
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { invariant } from "../errors.ts";
import { errorCode, fileError } from "./file_error.ts";
import type { ObjectWriter } from "./storage.ts";

/** Whether a file name is one that a FileWriter uses before the rename. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith(".") && name.endsWith(".tmp");
}

export class FileWriter implements ObjectWriter {
  readonly #path: string;
  readonly #temporaryPath: string;
  #handle: FileHandle | undefined;

  private constructor(path: string, temporaryPath: string, handle: FileHandle) {
    this.#path = path;
    this.#temporaryPath = temporaryPath;
    this.#handle = handle;
  }

  /** Opens a temporary file beside `path`, making folders as needed. */
  static async open(path: string): Promise<FileWriter> {
    const folder = dirname(path);
    // The name is not derived from the object's: that may already be as long as the file system allows.
    const temporaryPath = join(folder, `.${crypto.randomUUID()}.tmp`);
    try {
      return new FileWriter(path, temporaryPath, await openWithFolder(folder, temporaryPath));
    } catch (error) {
      throw fileError("write", path, error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    invariant(this.#handle !== undefined, `write after close or abort: ${this.#path}`);
    let offset = 0;
    try {
      while (offset < bytes.byteLength) {
        const { bytesWritten } = await this.#handle.write(bytes, offset, bytes.byteLength - offset);
        offset += bytesWritten;
      }
    } catch (error) {
      throw fileError("write", this.#path, error);
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    invariant(handle !== undefined, `close after close or abort: ${this.#path}`);
    try {
      await handle.sync();
      this.#handle = undefined;
      await handle.close();
      await rename(this.#temporaryPath, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (error) {
      await this.#discard(this.#handle);
      throw fileError("write", this.#path, error);
    }
  }

  async abort(): Promise<void> {
    await this.#discard(this.#handle);
  }

  async #discard(handle: FileHandle | undefined): Promise<void> {
    this.#handle = undefined;
    await handle?.close().catch(() => undefined);
    await rm(this.#temporaryPath, { force: true }).catch(() => undefined);
  }
}

/** Most folders are there: making them is asked for only where opening fails. */
async function openWithFolder(folder: string, temporaryPath: string): Promise<FileHandle> {
  try {
    return await open(temporaryPath, "wx");
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    await mkdir(folder, { recursive: true });
    return await open(temporaryPath, "wx");
  }
}

/** Makes a rename last through a power cut. Windows cannot sync a folder and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
