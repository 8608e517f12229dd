// A Storage in memory: for browsers and tests. Same laws as the file storage, which one test body checks on both.
// Bytes are copied on the way in and on the way out, so that neither side can change what the other holds.
import { invariant } from "../errors.ts";
import { type ObjectBody, writeBody } from "./object_body.ts";
import { absentObjectError, compareCodeUnits, folderPath, objectPath } from "./object_path.ts";
import type { ObjectWriter, Storage, StoredObject } from "./storage.ts";

interface MemoryObject {
  readonly bytes: Uint8Array;
  readonly modifiedMs: number;
}

export class MemoryStorage implements Storage {
  readonly root: string;
  readonly #objects = new Map<string, MemoryObject>();

  /** @param root a name for messages. */
  constructor(root = "memory:") {
    this.root = root;
  }

  async read(path: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array> {
    const object = this.#objects.get(objectPath(path));
    if (object === undefined) throw absentObjectError(this.root, path);
    return range === undefined ? object.bytes.slice() : object.bytes.slice(range.start, range.end);
  }

  async stat(path: string): Promise<StoredObject | undefined> {
    const object = this.#objects.get(objectPath(path));
    if (object === undefined) return undefined;
    return { path, sizeBytes: object.bytes.byteLength, modifiedMs: object.modifiedMs };
  }

  async *list(folder: string): AsyncGenerator<StoredObject> {
    const below = folderPath(folder);
    const prefix = below === "" ? "" : `${below}/`;
    const paths = [...this.#objects.keys()].filter((path) => path.startsWith(prefix)).sort(compareCodeUnits);
    for (const path of paths) {
      const object = this.#objects.get(path);
      if (object !== undefined)
        yield { path, sizeBytes: object.bytes.byteLength, modifiedMs: object.modifiedMs };
    }
  }

  async write(path: string, body: ObjectBody): Promise<number> {
    return writeBody(await this.create(path), body);
  }

  async create(path: string): Promise<ObjectWriter> {
    return new MemoryWriter(this.#objects, objectPath(path));
  }

  async delete(path: string): Promise<void> {
    this.#objects.delete(objectPath(path));
  }

  localPath(_path: string): string | undefined {
    return undefined;
  }
}

class MemoryWriter implements ObjectWriter {
  readonly #objects: Map<string, MemoryObject>;
  readonly #path: string;
  #pieces: Uint8Array[] | undefined = [];

  constructor(objects: Map<string, MemoryObject>, path: string) {
    this.#objects = objects;
    this.#path = path;
  }

  async write(bytes: Uint8Array): Promise<void> {
    invariant(this.#pieces !== undefined, `write after close or abort: ${this.#path}`);
    this.#pieces.push(bytes.slice());
  }

  async close(): Promise<void> {
    invariant(this.#pieces !== undefined, `close after close or abort: ${this.#path}`);
    this.#objects.set(this.#path, { bytes: concatBytes(this.#pieces), modifiedMs: Date.now() });
    this.#pieces = undefined;
  }

  async abort(): Promise<void> {
    this.#pieces = undefined;
  }
}

function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((total, piece) => total + piece.byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
}
