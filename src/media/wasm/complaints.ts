// What a run of ffmpeg as WebAssembly complained of: all of it is counted, the first and the last of it kept, so that a flood
// costs no memory.
const KEPT_LINES = 200;
/** The rest of a longer one is dropped. */
const LONGEST_LINE = 4096;

export class Complaints {
  readonly #first: string[] = [];
  readonly #last: string[] = [];
  #count = 0;

  add(line: string): void {
    this.#count++;
    const kept = this.#first.length < KEPT_LINES ? this.#first : this.#last;
    kept.push(line.slice(0, LONGEST_LINE));
    if (this.#last.length > KEPT_LINES) this.#last.shift();
  }

  get count(): number {
    return this.#count;
  }

  get text(): string {
    return [...this.#first, ...this.#last].join("\n");
  }
}
