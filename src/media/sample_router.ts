// Gives each decoded frame to the samples it is nearest to. Frames arrive in order of time, each with its tick; a sample
// whose frame was lost takes the nearest one of its clip that came (the earlier of two equally near).
import { pictureByteCount } from "../pixel_layout.ts";
import type { FrameFormat } from "../types.ts";
import type { SampledFrame } from "./engine.ts";
import { clipAtTick, type PlannedClip, type SplitPlan } from "./split_plan.ts";

export class SampleRouter {
  readonly #plan: SplitPlan;
  readonly #format: FrameFormat;
  readonly #emit: (frame: SampledFrame) => Promise<void>;
  #clip: PlannedClip | undefined;
  #previous: { readonly tick: number; readonly data: Uint8Array } | undefined;
  #nextSample = 0;
  readonly #clipsMet = new Set<number>();

  constructor(plan: SplitPlan, format: FrameFormat, emit: (frame: SampledFrame) => Promise<void>) {
    this.#plan = plan;
    this.#format = format;
    this.#emit = emit;
  }

  /** Bytes of one frame. */
  get frameBytes(): number {
    const { pixelFormat = "yuv420p", width, height } = this.#format;
    return pictureByteCount(pixelFormat, width, height);
  }

  /** Indices of the spans of which a frame came. */
  get clipsMet(): ReadonlySet<number> {
    return this.#clipsMet;
  }

  /** Takes a frame shown at `tick`. `data` is kept and passed on, so it must not be written to again. */
  async push(tick: number, data: Uint8Array): Promise<void> {
    const clip = clipAtTick(this.#plan, tick);
    if (clip === undefined) return;
    if (clip !== this.#clip) {
      await this.finish();
      this.#clip = clip;
      this.#nextSample = 0;
      this.#clipsMet.add(clip.index);
    }
    const previous = this.#previous;
    for (; this.#nextSample < clip.wanted.length; this.#nextSample++) {
      const wanted = clip.wanted[this.#nextSample]!.tick;
      if (wanted > tick) break;
      const earlierIsNearer = previous !== undefined && wanted - previous.tick <= tick - wanted;
      await this.#send(clip, earlierIsNearer ? previous.data : data);
    }
    this.#previous = { tick, data };
  }

  /** Ends the clip under way: samples still open take its last frame. */
  async finish(): Promise<void> {
    const [clip, previous] = [this.#clip, this.#previous];
    this.#clip = undefined;
    this.#previous = undefined;
    if (clip === undefined || previous === undefined) return;
    for (; this.#nextSample < clip.wanted.length; this.#nextSample++) await this.#send(clip, previous.data);
  }

  async #send(clip: PlannedClip, data: Uint8Array): Promise<void> {
    await this.#emit({ clip: clip.index, sample: this.#nextSample, frame: { ...this.#format, data } });
  }
}
