// A forward reader over a byte range of a stored object: a window of bounded size moves over the range, so that a
// column chunk of any size is read in a few requests and little memory. While one window is decoded the next is fetched.
import { DataError } from "../errors.ts";

const WINDOW_BYTES = 4 * 1024 * 1024;

/** Reads bytes [start, end) of an object. */
export type RangeReader = (range: { readonly start: number; readonly end: number }) => Promise<Uint8Array>;

export class StorageWindow {
  readonly #reader: RangeReader;
  readonly #path: string;
  readonly #rangeStart: number;
  readonly #end: number;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Of the first byte held, in the object. */
  #start: number;
  /** Of the next byte, in `#bytes`. */
  #offset = 0;
  #ahead: { readonly end: number; readonly bytes: Promise<Uint8Array> } | undefined;

  /** @param path for messages. */
  constructor(reader: RangeReader, path: string, range: { readonly start: number; readonly end: number }) {
    this.#reader = reader;
    this.#path = path;
    this.#start = range.start;
    this.#rangeStart = range.start;
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

  /**
   * The next `byteCount` bytes. They stay as they are, but are a view of a larger buffer: a length that lies reads what
   * is beside them. @throws DataError where fewer are left.
   */
  async take(byteCount: number): Promise<Uint8Array> {
    const held = this.#bytes.subarray(this.#offset, this.#offset + byteCount);
    if (held.byteLength === byteCount) {
      this.skip(byteCount);
      return held;
    }
    const fresh = await this.#next(byteCount - held.byteLength);
    const missing = byteCount - held.byteLength;
    if (fresh.byteLength < missing) {
      throw new DataError(
        `Cannot read ${byteCount} bytes as only ${held.byteLength + fresh.byteLength} are left in this part of the file: ${this.#path}. ` +
          "Write the file again, or leave it out.",
      );
    }
    this.#start += this.#bytes.byteLength;
    this.#bytes = fresh;
    this.#offset = missing;
    if (held.byteLength === 0) return fresh.subarray(0, missing);
    const taken = new Uint8Array(byteCount);
    taken.set(held);
    taken.set(fresh.subarray(0, missing), held.byteLength);
    return taken;
  }

  async #fill(byteCount: number): Promise<void> {
    const held = this.#bytes.subarray(this.#offset);
    if (held.byteLength >= byteCount || this.#start + this.#bytes.byteLength >= this.#end) return;
    const position = this.#start + this.#offset;
    const fresh = await this.#next(byteCount - held.byteLength);
    if (held.byteLength === 0) this.#bytes = fresh;
    else {
      const bytes = new Uint8Array(held.byteLength + fresh.byteLength);
      bytes.set(held);
      bytes.set(fresh, held.byteLength);
      this.#bytes = bytes;
    }
    this.#start = position;
    this.#offset = 0;
  }

  /** Bytes after those held: a window of them, and at least `byteCount` where there are as many. */
  async #next(byteCount: number): Promise<Uint8Array> {
    const start = this.#start + this.#bytes.byteLength;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const bytes =
      ahead !== undefined && ahead.end - start >= byteCount
        ? await ahead.bytes
        : await this.#read(start, start + Math.max(byteCount, WINDOW_BYTES));
    // From the second window on the whole range is being read: the next one is fetched while this one is decoded.
    if (start > this.#rangeStart) {
      const next = start + bytes.byteLength;
      const end = Math.min(this.#end, next + WINDOW_BYTES);
      if (end > next && bytes.byteLength > 0) {
        const fetched = this.#read(next, end);
        fetched.catch(() => undefined);
        this.#ahead = { end, bytes: fetched };
      }
    }
    return bytes;
  }

  async #read(start: number, end: number): Promise<Uint8Array> {
    const last = Math.min(this.#end, end);
    return last > start ? await this.#reader({ start, end: last }) : new Uint8Array(0);
  }
}
