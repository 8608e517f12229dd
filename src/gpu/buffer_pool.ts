// Large buffers that were given back, kept for whoever wants one of their size next: a driver takes some 20 ms to allocate a
// gigabyte and as long to free it, which is more than many a pass over it takes (bench/NOTES.md). For real GPUs; on a
// software adapter memory is the host's, and a buffer that is used after its end shall be an error there.
// Sizes are rounded up to one of 16 steps between two powers of two, so that blocks of about one size share.

const leastBytes = 4 * 2 ** 20;
/** What may lie idle. */
const mostIdleBytes = 4 * 2 ** 30;

export class BufferPool {
  readonly #largest: number;
  /** Oldest first. */
  readonly #idle: GPUBuffer[] = [];
  #idleBytes = 0;

  /** @param largest bytes that one binding may span: a size up to that is not rounded past it. */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** The size to make a buffer of `size` bytes in, so that it can be used again. */
  roundUp(size: number): number {
    if (size < leastBytes) return size;
    const step = 2 ** (Math.floor(Math.log2(size)) - 4);
    const rounded = Math.ceil(size / step) * step;
    return size <= this.#largest ? Math.min(rounded, this.#largest) : rounded;
  }

  /** An idle buffer of exactly `size` bytes, with what it held. */
  take(size: number): GPUBuffer | undefined {
    const index = this.#idle.findLastIndex((buffer) => buffer.size === size);
    if (index < 0) return undefined;
    this.#idleBytes -= size;
    return this.#idle.splice(index, 1)[0];
  }

  /** Keeps a buffer, or ends it where it is small or older ones would have to go for nothing. */
  give(buffer: GPUBuffer): void {
    if (buffer.size < leastBytes || buffer.size > mostIdleBytes) {
      buffer.destroy();
      return;
    }
    this.#idle.push(buffer);
    this.#idleBytes += buffer.size;
    while (this.#idleBytes > mostIdleBytes) {
      const oldest = this.#idle.shift()!;
      this.#idleBytes -= oldest.size;
      oldest.destroy();
    }
  }
}
