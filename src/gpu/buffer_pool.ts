// Large buffers that were given back, kept for whoever wants one of about their size next: a driver takes some 20 ms to
// allocate a gigabyte and as long to free it, which is more than many a pass over it takes (bench/NOTES.md). For real GPUs;
// on a software adapter memory is the host's, and a buffer that is used after its end shall be an error there.

const leastBytes = 4 * 2 ** 20;
/** What may lie idle in any case. */
const leastIdleBytes = 4 * 2 ** 30;
/** Share of what is in use that may lie idle where that is more; WebGPU does not say how much memory a device has. */
const idleShare = 1 / 2;
/** Sizes that buffers have between one power of two and the next: blocks of whole clusters are never of quite one size. */
const sizesPerDoubling = 8;

export class BufferPool {
  readonly #largest: number;
  /** Oldest first. */
  readonly #idle: GPUBuffer[] = [];
  #idleBytes = 0;

  /** @param largest bytes that one binding may span; who asks for less gets no buffer of more. */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Bytes of what was made or taken and not given back yet. */
  #usedBytes = 0;

  /** Bytes of the buffer to make where `size` are asked for, so that it fits whoever asks for about as many next. */
  sizeFor(size: number): number {
    if (size < leastBytes) return size;
    const step = 2 ** Math.floor(Math.log2(size)) / sizesPerDoubling;
    const rounded = Math.ceil(size / step) * step;
    return size <= this.#largest ? Math.min(rounded, this.#largest) : size;
  }

  /** Counts a new buffer as in use. */
  made(buffer: GPUBuffer): GPUBuffer {
    this.#usedBytes += buffer.size;
    return buffer;
  }

  /** An idle buffer of `sizeFor(size)` bytes, with what it held. */
  take(size: number): GPUBuffer | undefined {
    const wanted = this.sizeFor(size);
    const at = this.#idle.findLastIndex((buffer) => buffer.size === wanted);
    if (at < 0) return undefined;
    this.#idleBytes -= wanted;
    this.#usedBytes += wanted;
    return this.#idle.splice(at, 1)[0];
  }

  /** Keeps a buffer, at the cost of older ones where too much lies idle; ends it where it is small. */
  give(buffer: GPUBuffer): void {
    this.#usedBytes -= buffer.size;
    const mostIdleBytes = Math.max(leastIdleBytes, this.#usedBytes * idleShare);
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
