// A forward reader over a byte range of a stored object: a window of bounded size moves over the range, so that a
// column chunk of any size is read in a few requests and little memory.
import { DataError } from "../errors.ts";
import type { Storage } from "./storage.ts";

const WINDOW_BYTES = 4 * 1024 * 1024;

export class StorageWindow {
  readonly #storage: Storage;
  readonly #path: string;
  readonly #end: number;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Of the first byte held, in the object. */
  #start: number;
  /** Of the next byte, in `#bytes`. */
  #offset = 0;

  constructor(storage: Storage, path: string, range: { readonly start: number; readonly end: number }) {
    this.#storage = storage;
    this.#path = path;
    this.#start = range.start;
    this.#end = range.end;
  }

  /** A view of the next bytes, `byteCount` of them or as many as are left. */
  async peek(byteCount: number): Promise<DataView<ArrayBuffer>> {
    await this.#fill(byteCount);
    const next = this.#bytes.slice(this.#offset, this.#offset + byteCount);
    return new DataView(next.buffer, 0, next.byteLength);
  }

  skip(byteCount: number): void {
    this.#offset += byteCount;
  }

  /** The next `byteCount` bytes, in a buffer of their own. @throws DataError where fewer are left. */
  async take(byteCount: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.#fill(byteCount);
    const taken = this.#bytes.slice(this.#offset, this.#offset + byteCount);
    if (taken.byteLength < byteCount) {
      throw new DataError(
        `Cannot read ${byteCount} bytes as only ${taken.byteLength} are left in this part of the file: ${this.#path}. ` +
          "Write the file again, or leave it out.",
      );
    }
    this.skip(byteCount);
    return taken;
  }

  async #fill(byteCount: number): Promise<void> {
    const position = this.#start + this.#offset;
    const held = this.#bytes.byteLength - this.#offset;
    if (held >= byteCount || this.#start + this.#bytes.byteLength >= this.#end) return;
    const end = Math.min(this.#end, position + Math.max(byteCount, WINDOW_BYTES));
    const fresh = await this.#storage.read(this.#path, { start: position + held, end });
    const bytes = new Uint8Array(held + fresh.byteLength);
    bytes.set(this.#bytes.subarray(this.#offset));
    bytes.set(fresh, held);
    this.#bytes = bytes;
    this.#start = position;
    this.#offset = 0;
  }
}
