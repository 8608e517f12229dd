// Which decoded frames a plan wants, by the steps of split_plan.ts: what ffmpeg's select filter decides in the other engines.
import { firstFrameAtOrAfter } from "../frame_span.ts";
import type { Steps } from "../split_plan.ts";

/** The value of a step function: `values[k]` from `boundaries[k - 1]` on. */
export function stepAt({ boundaries, values }: Steps, at: number): number {
  const below = firstFrameAtOrAfter(boundaries, at);
  return values[boundaries[below] === at ? below + 1 : below]!;
}

/** Selects the first frame since each moment from which one is wanted. Frames are asked about in order. */
export class StepSelection {
  readonly #steps: Steps | null;
  #previous = Number.NEGATIVE_INFINITY;

  constructor(steps: Steps | null) {
    this.#steps = steps;
  }

  take(tick: number): boolean {
    if (this.#steps === null) return false;
    const since = stepAt(this.#steps, tick);
    // Lower than any time of a video stands for "nothing is wanted".
    if (since < -1.5e15 || since <= this.#previous) return false;
    this.#previous = tick;
    return true;
  }
}
