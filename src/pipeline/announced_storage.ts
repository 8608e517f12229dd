// The output storage of one unit of work: before an object is opened for the first time its name goes into the unit's
// record, so that whatever a killed process left can be told from the files of others. Reading is not touched.
import type { ObjectWriter, Storage, StoredObject, UnlistedEntry } from "../io/storage.ts";
import type { Unit } from "../stages/stage.ts";
import type { Journal } from "./journal.ts";

/** Names of what a unit writes, each in the record before it is written. */
export class Announcements {
  readonly #journal: Journal;
  readonly #unit: Unit;
  readonly #paths = new Set<string>();
  #written: Promise<void> = Promise.resolve();

  constructor(journal: Journal, unit: Unit) {
    this.#journal = journal;
    this.#unit = unit;
  }

  /** Resolves once the record names these paths. */
  async add(paths: readonly string[]): Promise<void> {
    const known = this.#paths.size;
    for (const path of paths) this.#paths.add(path);
    // One write of the record at a time: an older, shorter one must not land last.
    if (this.#paths.size > known) {
      this.#written = this.#written.then(() => this.#journal.announce(this.#unit, this.#paths));
    }
    await this.#written;
  }
}

export class AnnouncedStorage implements Storage {
  readonly root: string;
  readonly #storage: Storage;
  readonly #announcements: Announcements;

  constructor(storage: Storage, announcements: Announcements) {
    this.root = storage.root;
    this.#storage = storage;
    this.#announcements = announcements;
  }

  async write(path: string, body: Parameters<Storage["write"]>[1]): Promise<number> {
    await this.#announcements.add([path]);
    return await this.#storage.write(path, body);
  }

  async create(path: string): Promise<ObjectWriter> {
    await this.#announcements.add([path]);
    return await this.#storage.create(path);
  }

  read(path: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array> {
    return this.#storage.read(path, range);
  }

  stat(path: string): Promise<StoredObject | undefined> {
    return this.#storage.stat(path);
  }

  list(folder: string, onUnlisted?: (entry: UnlistedEntry) => void): AsyncIterable<StoredObject> {
    return this.#storage.list(folder, onUnlisted);
  }

  delete(path: string): Promise<void> {
    return this.#storage.delete(path);
  }

  localPath(path: string): string | undefined {
    return this.#storage.localPath(path);
  }
}
