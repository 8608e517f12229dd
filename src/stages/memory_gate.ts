// Bounds the memory of work that runs side by side: a piece of work begins once what is held leaves room for it, in the
// order of asking. One that alone is over the bound runs by itself.

export class MemoryGate {
  readonly #limitBytes: number;
  readonly #waiting: { readonly bytes: number; readonly begin: () => void }[] = [];
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Runs `work` while `bytes` count as held. */
  async hold<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ bytes, begin });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      this.#heldBytes -= bytes;
      this.#admit();
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#heldBytes > 0 && this.#heldBytes + next.bytes > this.#limitBytes) return;
      this.#waiting.shift();
      this.#heldBytes += next.bytes;
      next.begin();
    }
  }
}
