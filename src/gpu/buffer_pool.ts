// Large buffers that were given back, kept for whoever wants one of about their size next: a driver takes some 20 ms to
// allocate a gigabyte and as long to free it, which is more than many a pass over it takes (bench/NOTES.md). For real GPUs;
// on a software adapter memory is the host's, and a buffer that is used after its end shall be an error there.

const leastBytes = 4 * 2 ** 20;
/** What may lie idle. */
const mostIdleBytes = 4 * 2 ** 30;
/** How much larger than asked for a buffer may be: blocks of whole clusters are never of quite one size. */
const mostSlack = 1.25;

export class BufferPool {
  readonly #largest: number;
  /** Oldest first. */
  readonly #idle: GPUBuffer[] = [];
  #idleBytes = 0;

  /** @param largest bytes that one binding may span; who asks for less gets no buffer of more. */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** The smallest idle buffer of at least `size` bytes, and not much more, with what it held. */
  take(size: number): GPUBuffer | undefined {
    const most = size <= this.#largest ? Math.min(size * mostSlack, this.#largest) : size * mostSlack;
    let best: GPUBuffer | undefined;
    for (const buffer of this.#idle) {
      if (buffer.size < size || buffer.size > most) continue;
      if (best === undefined || buffer.size <= best.size) best = buffer;
    }
    if (best === undefined) return undefined;
    this.#idleBytes -= best.size;
    this.#idle.splice(this.#idle.indexOf(best), 1);
    return best;
  }

  /** Keeps a buffer, at the cost of older ones where too much lies idle; ends it where it is small. */
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
