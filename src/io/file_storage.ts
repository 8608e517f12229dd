// A Storage over a folder of this machine. Writes are atomic (file_writer.ts); listings are in code unit order of the
// whole path. The trap in listing: "a.txt" sorts before "a/b", so a folder is ordered by its name with "/" behind it.
import type { Dirent, Stats } from "node:fs";
import { open, readdir, realpath, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DataError } from "../errors.ts";
import { errorCode, fileError } from "./file_error.ts";
import { FileWriter, isTemporaryName } from "./file_writer.ts";
import { type ObjectBody, writeBody } from "./object_body.ts";
import { absentObjectError, compareCodeUnits, folderPath, objectPath } from "./object_path.ts";
import type { ObjectWriter, Storage, StoredObject } from "./storage.ts";

/** Ranges up to this size are read without asking how long the file is. */
const SHORT_BYTES = 8 * 1024 * 1024;

interface Entry {
  readonly path: string;
  readonly sortKey: string;
  readonly stats: Stats | undefined;
}

export class FileStorage implements Storage {
  readonly root: string;
  readonly #folder: string;

  /** @param folder of this machine; it need not exist before the first write. */
  constructor(folder: string) {
    this.root = folder;
    this.#folder = resolve(folder);
  }

  async read(path: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array> {
    const file = this.localPath(path);
    try {
      const handle = await open(file, "r");
      try {
        const start = range?.start ?? 0;
        const wanted = (range?.end ?? Number.POSITIVE_INFINITY) - start;
        // The end that is asked for may be a claim: only a short range is read without a look at the size.
        const length = wanted <= SHORT_BYTES ? wanted : Math.min(wanted, (await handle.stat()).size - start);
        const bytes = new Uint8Array(Math.max(0, length));
        let filled = 0;
        while (filled < bytes.byteLength) {
          const { bytesRead } = await handle.read(bytes, filled, bytes.byteLength - filled, start + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return filled === bytes.byteLength ? bytes : bytes.slice(0, filled);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (isAbsent(error)) throw absentObjectError(this.root, path);
      throw fileError("read", file, error);
    }
  }

  async stat(path: string): Promise<StoredObject | undefined> {
    const file = this.localPath(path);
    try {
      const stats = await stat(file);
      return stats.isFile() ? { path, sizeBytes: stats.size, modifiedMs: stats.mtimeMs } : undefined;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw fileError("read", file, error);
    }
  }

  /** Follows symbolic links, but never into a folder it is already inside of. Broken links are listed with 0 bytes. */
  async *list(folder: string): AsyncGenerator<StoredObject> {
    yield* this.#walk(folderPath(folder), []);
  }

  async write(path: string, body: ObjectBody): Promise<number> {
    return writeBody(await this.create(path), body);
  }

  create(path: string): Promise<ObjectWriter> {
    return FileWriter.open(this.localPath(path));
  }

  async delete(path: string): Promise<void> {
    const file = this.localPath(path);
    try {
      await rm(file, { force: true });
    } catch (error) {
      if (!isAbsent(error)) throw fileError("delete", file, error);
    }
  }

  localPath(path: string): string {
    const file = join(this.#folder, objectPath(path));
    // On Windows a backslash or a drive letter inside an object path could still lead out of the folder.
    if (file.startsWith(this.#folder)) return file;
    throw new DataError(
      `Cannot use an object path as it leaves the folder ${this.root}: ${JSON.stringify(path)}. Give a path below it.`,
    );
  }

  async *#walk(folder: string, enclosing: readonly string[]): AsyncGenerator<StoredObject> {
    const local = join(this.#folder, folder);
    let inside: readonly string[];
    let dirents: Dirent[];
    try {
      const real = await realpath(local);
      if (enclosing.includes(real)) return;
      inside = [...enclosing, real];
      dirents = await readdir(local, { withFileTypes: true });
    } catch (error) {
      if (isAbsent(error)) return;
      throw fileError("list", local, error);
    }
    const found = await Promise.all(dirents.map((dirent) => this.#entry(folder, dirent)));
    const entries = found.filter((entry) => entry !== undefined);
    entries.sort((left, right) => compareCodeUnits(left.sortKey, right.sortKey));
    for (const { path, stats } of entries) {
      if (stats?.isDirectory()) yield* this.#walk(path, inside);
      else yield { path, sizeBytes: stats?.size ?? 0, modifiedMs: stats?.mtimeMs ?? 0 };
    }
  }

  async #entry(folder: string, dirent: Dirent): Promise<Entry | undefined> {
    if (isTemporaryName(dirent.name)) return undefined;
    const path = folder === "" ? dirent.name : `${folder}/${dirent.name}`;
    try {
      const stats = await stat(join(this.#folder, path));
      if (stats.isDirectory()) return { path, sortKey: `${dirent.name}/`, stats };
      // Pipes, sockets and devices are no objects: reading one may never end.
      return stats.isFile() ? { path, sortKey: dirent.name, stats } : undefined;
    } catch (error) {
      // A broken link, or a name that is not valid UTF-8 and so cannot be opened, is listed: whoever reads it will
      // report it. Anything else that is absent was deleted since the folder was read.
      if (isAbsent(error) && !dirent.isSymbolicLink() && !dirent.name.includes("\uFFFD")) return undefined;
      return { path, sortKey: dirent.name, stats: undefined };
    }
  }
}

function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}
