// A queue between a producer that must not wait and a consumer that does. Unbounded: for small items only.

export class AsyncQueue<T> {
  readonly #items: T[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  push(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** No more items come; those pushed before are still handed out. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** The next item, or undefined once the queue is closed and empty. One taker at a time. */
  async take(): Promise<T | undefined> {
    while (this.#items.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return this.#items.shift();
  }
}
