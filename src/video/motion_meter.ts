// Measures the motion of a video's clips while it is decoded: gathers the gray frames by pairs, has a batch of pairs
// searched on the GPU, and keeps only sums. `add` waits while a batch is worked, which holds the decoder back.
import type { GpuContext } from "../gpu/context.ts";
import { searchMotion } from "../kernels/motion_search.ts";
import type { GrayFrame } from "../media/engine.ts";
import { ClipMotion, type MotionGeometry, type MotionScore } from "./motion_score.ts";

/** About two clips; 15 MB of frames. */
const pairsPerBatch = 20;

export class MotionMeter {
  readonly #openDevice: () => Promise<GpuContext>;
  readonly #geometry: MotionGeometry;
  readonly #clips = new Map<number, ClipMotion>();
  #earlier: GrayFrame | undefined;
  #batch: { readonly clip: number; readonly earlier: Uint8Array; readonly later: Uint8Array }[] = [];

  constructor(openDevice: () => Promise<GpuContext>, geometry: MotionGeometry) {
    this.#openDevice = openDevice;
    this.#geometry = geometry;
  }

  /** Takes the next frame: samples 2i and 2i + 1 of a clip are a pair. One of which a frame was lost is left out. */
  async add(frame: GrayFrame): Promise<void> {
    const earlier = this.#earlier;
    this.#earlier = frame;
    if (frame.sample % 2 === 0 || earlier?.clip !== frame.clip || earlier.sample !== frame.sample - 1) return;
    this.#batch.push({ clip: frame.clip, earlier: earlier.data, later: frame.data });
    if (this.#batch.length === pairsPerBatch) await this.#flush();
  }

  /** The scores by clip index; clips of which no pair could be measured are left out. */
  async finish(): Promise<ReadonlyMap<number, MotionScore>> {
    await this.#flush();
    const scores = new Map<number, MotionScore>();
    for (const [clip, motion] of this.#clips) {
      const score = motion.score();
      if (score !== null) scores.set(clip, score);
    }
    return scores;
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    const { frameWidth, frameHeight } = this.#geometry;
    const pixelCount = frameWidth * frameHeight;
    const frames = new Uint32Array(2 * batch.length * pixelCount);
    for (const [pair, { earlier, later }] of batch.entries()) {
      frames.set(earlier, 2 * pair * pixelCount);
      frames.set(later, (2 * pair + 1) * pixelCount);
    }
    const field = await searchMotion(await this.#openDevice(), frames, frameWidth, frameHeight);
    for (const [pair, { clip }] of batch.entries()) {
      const motion = this.#clips.get(clip) ?? new ClipMotion(this.#geometry);
      this.#clips.set(clip, motion);
      motion.add(field, pair);
    }
  }
}
