// Pairs the WebP files that the segment muxer finishes with the planned previews, by the time at which each begins. A file
// that holds another number of frames than were planned is of a window where damage took frames, or was cut in a wrong
// place after one that lost them all: it is left out.
import type { Preview, PreviewsRequest } from "./engine.ts";
import type { PlannedPreview } from "./preview_plan.ts";
import type { SplitPlan } from "./split_plan.ts";
import { finishWebp } from "./webp_animation.ts";

/** A line of the list that the segment muxer writes. */
export interface PreviewFile {
  readonly name: string;
  /** Of the first frame, on the clock of the video; 0 for the first file, whenever it begins. */
  readonly startSeconds: number;
}

/** The file in a line of the segment list ("preview_000001.webp,10.01,20.02"), or undefined. */
export function previewOfSegment(line: string): PreviewFile | undefined {
  const match = /^(preview_\d+\.webp),(-?[\d.]+),/.exec(line);
  return match === null ? undefined : { name: match[1]!, startSeconds: Number(match[2]) };
}

export class PreviewCheck {
  readonly #plan: SplitPlan;
  readonly #request: PreviewsRequest | undefined;
  #isFirst = true;

  constructor(plan: SplitPlan, request: PreviewsRequest | undefined) {
    this.#plan = plan;
    this.#request = request;
  }

  /** The preview that a finished file holds, or undefined when it is none. */
  take({ startSeconds }: PreviewFile, data: Uint8Array): Preview | undefined {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    const planned = isFirst ? this.#plan.previews[0] : this.#at(startSeconds / this.#plan.secondsPerTick);
    if (planned === undefined || this.#request === undefined) return undefined;
    const frameCount = finishWebp(data, 1000 / this.#request.framesPerSecond);
    if (frameCount !== planned.moments.length) return undefined;
    return { clip: planned.clip, window: planned.window, data };
  }

  #at(tick: number): PlannedPreview | undefined {
    return this.#plan.previews.find(({ startTick, endTick }) => startTick <= tick && tick < endTick);
  }
}
