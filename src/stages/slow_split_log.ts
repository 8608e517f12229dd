// Tells how far the split of a video is, twice a minute: progress counts videos, and one alone may take hours. By a clock, so
// that a single long clip is no silence either.
import type { Log } from "../types.ts";

const secondsBetweenLines = 30;

export class SlowSplitLog {
  /** Clips done of each part of the video that is decoded by itself. */
  readonly #done: number[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(log: Log, name: string, clipCount: number) {
    this.#timer = setInterval(() => {
      const done = this.#done.reduce((sum, count) => sum + count, 0);
      const percent = Math.floor((100 * done) / clipCount);
      log("info", `${name}: ${done} of ${clipCount} clips done (${percent} %)`);
    }, secondsBetweenLines * 1000);
  }

  /** A receiver of the number of clips that a part has left behind it, those that damage took included. */
  part(): (done: number) => void {
    const part = this.#done.push(0) - 1;
    return (done) => {
      this.#done[part] = Math.max(this.#done[part]!, done);
    };
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
