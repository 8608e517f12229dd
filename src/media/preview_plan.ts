// Which frames the previews of a split show: for each window of a clip one frame per period of the preview's rate, the
// first frame at or after it. Met by time, like everything of a split.
import type { PreviewsRequest } from "./engine.ts";
import { type FrameRange, firstFrameAtOrAfter } from "./frame_span.ts";

/** One preview: its frames lie at ticks t with startTick <= t < endTick. */
export interface PlannedPreview {
  /** Index into the spans of the request, and of the window within that. */
  readonly clip: number;
  readonly window: number;
  readonly startTick: number;
  readonly endTick: number;
  /** Halfway before each frame that is shown, ascending. */
  readonly moments: readonly number[];
}

const TOLERANCE_SECONDS = 1e-6;

/** @param before the tick halfway between a frame and the one before it. */
export function planPreviews(
  { framesPerSecond, windows }: PreviewsRequest,
  clips: readonly { readonly index: number; readonly frames: FrameRange }[],
  frameTimes: Float64Array,
  before: (frame: number) => number,
): PlannedPreview[] {
  return clips.flatMap(({ index, frames }) =>
    (windows[index] ?? []).flatMap((range, window) => {
      const first = frames.first + range.first;
      const end = Math.min(frames.first + range.end, frames.end);
      if (first >= end) return [];
      const shown = new Set<number>();
      for (let period = 0; ; period++) {
        const seconds = frameTimes[first]! + period / framesPerSecond;
        const frame = firstFrameAtOrAfter(frameTimes, seconds - TOLERANCE_SECONDS);
        if (frame >= end) break;
        shown.add(frame);
      }
      const limits = { startTick: before(first), endTick: before(end) };
      return [{ clip: index, window, ...limits, moments: Array.from(shown, before) }];
    }),
  );
}
