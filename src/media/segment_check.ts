// Pairs the files that the segment muxer finishes with the planned clips. The muxer knows only cut times: where damage
// took every frame of a clip it falls one behind and cuts at wrong key frames. So each file must hold as many frames as
// went in for its clip; from the first that does not, all are held back, and the split is run again without empty clips.
import { clipAtTick, type PlannedClip, type SplitPlan } from "./split_plan.ts";
import type { CopiedPiece } from "./stream_copy.ts";

export class SegmentCheck {
  readonly #plan: SplitPlan;
  /** What the files hold, in their order; null is not wanted. */
  #pieces: readonly (PlannedClip | null)[];
  readonly #framesIn: Map<number, number> = new Map();
  #next = 0;
  #misaligned = false;
  #awaitsLead = false;

  constructor(plan: SplitPlan) {
    this.#plan = plan;
    this.#pieces = plan.clips;
  }

  /** Nothing is decoded: the files are these pieces, and each clip holds the packets that were counted when probing. */
  expectCopies(pieces: readonly CopiedPiece[]): void {
    this.#pieces = pieces.map(({ clip }) => clip);
    for (const { clip, packetCount } of pieces)
      if (clip !== null) this.#framesIn.set(clip.index, packetCount);
  }

  /** The first file holds a frame ahead of all clips. */
  expectLead(): void {
    this.#pieces = [null, ...this.#plan.clips];
    this.#awaitsLead = true;
  }

  /** Whether that frame has not come: no file can be told then. */
  get lacksLead(): boolean {
    return this.#awaitsLead;
  }

  /** A frame went to the encoder. */
  countFrame(tick: number): void {
    const clip = clipAtTick(this.#plan, tick);
    if (clip === undefined) this.#awaitsLead = false;
    if (clip !== undefined) this.#framesIn.set(clip.index, (this.#framesIn.get(clip.index) ?? 0) + 1);
  }

  /** Whether any frame came. */
  get sawFrames(): boolean {
    return this.#framesIn.size > 0;
  }

  /** The clip that the next finished file holds, or undefined when it cannot be told. */
  take(frameCount: number): PlannedClip | undefined {
    if (this.#awaitsLead) return undefined;
    const clip = this.#pieces[this.#next++];
    if (clip === null) return undefined;
    if (this.#misaligned || clip === undefined || this.#framesIn.get(clip.index) !== frameCount) {
      this.#misaligned = true;
      return undefined;
    }
    return clip;
  }

  /** Planned clips for which no frame came, once the decode is over. */
  emptyClips(): number[] {
    return this.#plan.clips.filter((clip) => !this.#framesIn.has(clip.index)).map((clip) => clip.index);
  }

  /** Planned clips that got frames. */
  filledClips(): number[] {
    return this.#plan.clips.filter((clip) => this.#framesIn.has(clip.index)).map((clip) => clip.index);
  }
}

/** The tick in a line that the metadata filter prints per frame ("frame:12 pts:1200 pts_time:0.4"), or undefined. */
export function tickOfLabel(line: string): number | undefined {
  const match = /^frame:\d+\s+pts:(-?\d+)\s/.exec(line);
  return match === null ? undefined : Number(match[1]);
}

/** The file name in a line of the segment list ("clip_000001.mp4,10.01,20.02"), or undefined. */
export function fileOfSegment(line: string): string | undefined {
  return /^(clip_\d+\.mp4),/.exec(line)?.[1];
}
