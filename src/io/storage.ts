// Storage: where objects are read and written. Paths are relative, with "/" between parts, whatever the system.
// A name that exists always holds a whole object: writes land under a temporary name and are moved into place.

export interface StoredObject {
  /** Relative to the storage's root, "/" between parts. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970 of the last change. */
  readonly modifiedMs: number;
}

/** Something below a folder that is no object, or that cannot be looked into. */
export interface UnlistedEntry {
  /** As of an object. Bytes of a name that are not UTF-8 stand as U+FFFD and two hexadecimal digits. */
  readonly path: string;
  /** "pipe", "socket" and "device" are never opened; "folder" cannot be listed; "name" is not valid UTF-8. */
  readonly kind: "pipe" | "socket" | "device" | "folder" | "name";
  /** Why, for a person, where there is more to say than the kind. */
  readonly why: string;
}

/** What a path of a file system leads to, links followed. */
export type PathKind =
  | "file"
  | "folder"
  | "pipe"
  | "socket"
  | "device"
  | "broken link"
  | "link loop"
  | "missing";

/** An object being written in pieces. Nothing is visible under its name until `close`. */
export interface ObjectWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the object visible, whole. */
  close(): Promise<void>;
  /** Drops what was written. Safe to call after a failure or after `close`. */
  abort(): Promise<void>;
}

export interface Storage {
  /** The root as the user gave it, for messages. */
  readonly root: string;
  /** Bytes [start, end) of an object; the whole object when no range is given. Rejects with DataError where there is none. */
  read(path: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array>;
  stat(path: string): Promise<StoredObject | undefined>;
  /**
   * Every object below a folder, at any depth, sorted by path. An absent folder lists nothing.
   * @param onUnlisted hears of what else there is. Without it a folder that cannot be listed ends the listing with DataError.
   */
  list(folder: string, onUnlisted?: (entry: UnlistedEntry) => void): AsyncIterable<StoredObject>;
  /** Writes a whole object atomically, replacing one of that name; resolves to its size in bytes. */
  write(path: string, body: Uint8Array | string | AsyncIterable<Uint8Array>): Promise<number>;
  create(path: string): Promise<ObjectWriter>;
  /** Removes an object; an absent one is no error. */
  delete(path: string): Promise<void>;
  /** The absolute path of an object on this machine's file system, where the storage is one. */
  localPath(path: string): string | undefined;
  /** What the root is, where the storage is one of a file system: it need not be a folder. */
  rootKind?(): Promise<PathKind>;
  /** The Blob that an object is, where the storage holds Blobs. */
  blob?(path: string): Blob;
}

/** Opens a storage from a path or URL. */
export type OpenStorage = (location: string) => Storage;
