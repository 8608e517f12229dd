// Files that a user picked in a browser, as a Storage to read from: nothing is copied until it is read, and no more than
// the range asked for.
import { DataError, UsageError } from "../errors.ts";
import { absentObjectError, compareCodeUnits, folderPath, objectPath } from "./object_path.ts";
import type { ObjectWriter, Storage, StoredObject } from "./storage.ts";

export class BlobStorage implements Storage {
  readonly root: string;
  readonly #files = new Map<string, File>();

  /**
   * @param files of a file input or a drop; those of a picked folder keep their paths.
   * @param root a name for messages.
   */
  constructor(files: Iterable<File>, root = "files:") {
    this.root = root;
    for (const file of files) this.#files.set(objectPath(file.webkitRelativePath || file.name), file);
  }

  async read(path: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array> {
    const file = this.#file(path);
    const part = range === undefined ? file : file.slice(range.start, range.end);
    try {
      return new Uint8Array(await part.arrayBuffer());
    } catch (cause) {
      // A file that changed or went away since it was picked.
      throw new DataError(`Cannot read a file as the browser refuses it: ${path}. Pick it again.`, { cause });
    }
  }

  async stat(path: string): Promise<StoredObject | undefined> {
    const file = this.#files.get(objectPath(path));
    return file === undefined ? undefined : storedObject(path, file);
  }

  async *list(folder: string): AsyncGenerator<StoredObject> {
    const below = folderPath(folder);
    const prefix = below === "" ? "" : `${below}/`;
    const paths = [...this.#files.keys()].filter((path) => path.startsWith(prefix)).sort(compareCodeUnits);
    for (const path of paths) yield storedObject(path, this.#file(path));
  }

  blob(path: string): Blob {
    return this.#file(path);
  }

  async write(path: string): Promise<number> {
    throw this.#readOnly("write", path);
  }

  async create(path: string): Promise<ObjectWriter> {
    throw this.#readOnly("write", path);
  }

  async delete(path: string): Promise<void> {
    throw this.#readOnly("delete", path);
  }

  localPath(_path: string): string | undefined {
    return undefined;
  }

  #file(path: string): File {
    const file = this.#files.get(objectPath(path));
    if (file === undefined) throw absentObjectError(this.root, path);
    return file;
  }

  #readOnly(action: string, path: string): UsageError {
    return new UsageError(
      `Cannot ${action} an object as files that were picked can only be read: ${path}. Write to a MemoryStorage.`,
    );
  }
}

function storedObject(path: string, { size, lastModified }: File): StoredObject {
  return { path, sizeBytes: size, modifiedMs: lastModified };
}
