// Gives each decoded gray frame to the samples that asked for it. Unlike sampled frames these have no stand-ins: a sample
// whose frame was lost gets none.
import type { GrayFrame, GrayFramesRequest } from "./engine.ts";
import { clipAtTick, type PlannedClip, type SplitPlan } from "./split_plan.ts";

/** Bytes of one gray frame of a request; 0 where there are none. */
export function grayFrameBytes(request: GrayFramesRequest | undefined): number {
  return request === undefined ? 0 : request.width * request.height;
}

export class GrayRouter {
  readonly #plan: SplitPlan;
  readonly #emit: (frame: GrayFrame) => Promise<void>;
  readonly #clipsMet = new Set<number>();
  #clip: PlannedClip | undefined;
  #nextSample = 0;

  constructor(plan: SplitPlan, emit: (frame: GrayFrame) => Promise<void>) {
    this.#plan = plan;
    this.#emit = emit;
  }

  /** Indices of the spans of which a frame came. */
  get clipsMet(): ReadonlySet<number> {
    return this.#clipsMet;
  }

  /** Takes a frame shown at `tick`. `data` is passed on, so it must not be written to again. */
  async push(tick: number, data: Uint8Array): Promise<void> {
    const clip = clipAtTick(this.#plan, tick);
    if (clip === undefined) return;
    if (clip !== this.#clip) {
      this.#clip = clip;
      this.#nextSample = 0;
      this.#clipsMet.add(clip.index);
    }
    for (; this.#nextSample < clip.gray.length; this.#nextSample++) {
      const { startTick, endTick } = clip.gray[this.#nextSample]!;
      if (tick < startTick) break;
      if (tick < endTick) await this.#emit({ clip: clip.index, sample: this.#nextSample, data });
    }
  }
}
