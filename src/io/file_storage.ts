// A Storage over a folder of this machine. Writes are atomic (file_writer.ts); listings are in code unit order of the
// whole path. The trap in listing: "a.txt" sorts before "a/b", so a folder is ordered by its name with "/" behind it.
import { isUtf8 } from "node:buffer";
import type { Dirent, Stats } from "node:fs";
import { open, readdir, realpath, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DataError } from "../errors.ts";
import { errorCode, fileError } from "./file_error.ts";
import { FileWriter, isTemporaryName } from "./file_writer.ts";
import { filled, kindOf, localFileKind } from "./local_file.ts";
import { type ObjectBody, writeBody } from "./object_body.ts";
import { absentObjectError, compareCodeUnits, folderPath, objectPath } from "./object_path.ts";
import type { ObjectWriter, PathKind, Storage, StoredObject, UnlistedEntry } from "./storage.ts";

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
        return await filled(handle, new Uint8Array(Math.max(0, length)), start);
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
  async *list(folder: string, onUnlisted?: (entry: UnlistedEntry) => void): AsyncGenerator<StoredObject> {
    yield* this.#walk(folderPath(folder), [], onUnlisted);
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

  rootKind(): Promise<PathKind> {
    return localFileKind(this.#folder);
  }

  async *#walk(
    folder: string,
    enclosing: readonly string[],
    onUnlisted: ((entry: UnlistedEntry) => void) | undefined,
  ): AsyncGenerator<StoredObject> {
    const local = join(this.#folder, folder);
    let inside: readonly string[];
    let dirents: Dirent[];
    let names: Buffer[] = [];
    try {
      const real = await realpath(local);
      if (enclosing.includes(real)) return;
      inside = [...enclosing, real];
      dirents = await readdir(local, { withFileTypes: true });
      if (dirents.some(hasStrangeName)) names = await readdir(local, { encoding: "buffer" });
      // Names that are not UTF-8 may all read alike, and like one that is.
      const whole = new Set(names.filter(isUtf8).map(String));
      dirents = dirents.filter((dirent) => !hasStrangeName(dirent) || whole.delete(dirent.name));
    } catch (error) {
      if (isAbsent(error)) return;
      const failure = fileError("list", local, error);
      // Without the folder that was asked for there is no listing at all.
      if (onUnlisted === undefined || enclosing.length === 0 || !(failure instanceof DataError))
        throw failure;
      onUnlisted({ path: folder, kind: "folder", why: failure.message });
      return;
    }
    const found = await Promise.all(dirents.map((dirent) => this.#entry(folder, dirent, onUnlisted)));
    for (const name of names.filter((name) => !isUtf8(name))) {
      onUnlisted?.({ path: pathIn(folder, escapedName(name)), kind: "name", why: "" });
    }
    const entries = found.filter((entry) => entry !== undefined);
    entries.sort((left, right) => compareCodeUnits(left.sortKey, right.sortKey));
    for (const { path, stats } of entries) {
      if (stats?.isDirectory()) yield* this.#walk(path, inside, onUnlisted);
      else yield { path, sizeBytes: stats?.size ?? 0, modifiedMs: stats?.mtimeMs ?? 0 };
    }
  }

  async #entry(
    folder: string,
    dirent: Dirent,
    onUnlisted: ((entry: UnlistedEntry) => void) | undefined,
  ): Promise<Entry | undefined> {
    if (isTemporaryName(dirent.name)) return undefined;
    const path = pathIn(folder, dirent.name);
    try {
      const stats = await stat(join(this.#folder, path));
      if (stats.isDirectory()) return { path, sortKey: `${dirent.name}/`, stats };
      if (stats.isFile()) return { path, sortKey: dirent.name, stats };
      // Pipes, sockets and devices are no objects: reading one may never end.
      const kind = kindOf(stats);
      if (kind === "pipe" || kind === "socket" || kind === "device") onUnlisted?.({ path, kind, why: "" });
      return undefined;
    } catch (error) {
      if (isAbsent(error) && !dirent.isSymbolicLink()) {
        // Deleted since the folder was read, or of a name that is not valid UTF-8 and so cannot be opened.
        return undefined;
      }
      const failure = fileError("list", join(this.#folder, path), error);
      if (dirent.isDirectory()) {
        if (onUnlisted === undefined || !(failure instanceof DataError)) throw failure;
        onUnlisted({ path, kind: "folder", why: failure.message });
        return undefined;
      }
      // A broken link, or what may not be looked at, is listed: whoever reads it will report it.
      return { path, sortKey: dirent.name, stats: undefined };
    }
  }
}

function pathIn(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** Whether a name may have lost bytes when it was read as UTF-8. */
function hasStrangeName({ name }: Dirent): boolean {
  return name.includes("\uFFFD");
}

/** A name that is not UTF-8, its odd bytes as U+FFFD and two digits: different names stay different. */
function escapedName(name: Buffer): string {
  let text = "";
  for (let at = 0; at < name.length; ) {
    const length = [1, 2, 3, 4].find((n) => at + n <= name.length && isUtf8(name.subarray(at, at + n)));
    text +=
      length === undefined
        ? `\uFFFD${name[at]!.toString(16).padStart(2, "0")}`
        : name.toString("utf8", at, at + length);
    at += length ?? 1;
  }
  return text;
}

function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}
