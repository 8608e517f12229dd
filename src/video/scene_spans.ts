// From cuts to the spans of clips: scenes follow one another from the first frame to the end of the last, long ones are
// divided or truncated, and short ones dropped (scene_filters.ts). Nothing is taken off beside a cut, as a cut between two
// frames is exact. A span begins and ends where a frame is shown, so that a split gives each frame to one clip.
import { UsageError } from "../errors.ts";
import type { VideoInfo } from "../media/engine.ts";
import { framesInSpan } from "../media/frame_span.ts";
import type { Span } from "../types.ts";
import { filterScenes } from "./scene_filters.ts";
import type { SceneCut } from "./span_planner.ts";

export interface SceneLengths {
  /** Shorter scenes are dropped, in seconds; 0: none. */
  readonly minLengthSeconds: number;
  /** Longer scenes are divided or truncated, in seconds; 0: none. */
  readonly maxLengthSeconds: number;
  readonly maxLengthMode: "stride" | "truncate";
}

/** @throws UsageError where no scene can be both short and long enough. */
export function checkSceneLengths({ minLengthSeconds, maxLengthSeconds }: SceneLengths): void {
  if (maxLengthSeconds === 0 || maxLengthSeconds >= minLengthSeconds) return;
  throw new UsageError(
    `Cannot cut scenes as the longest clip is shorter than the shortest: ${maxLengthSeconds} s and ${minLengthSeconds} s`,
  );
}

/** Spans in ascending order, each with a frame at least. @param cuts ascending. */
export function sceneSpans(
  { frameTimes, durationSeconds }: Pick<VideoInfo, "frameTimes" | "durationSeconds">,
  cuts: readonly SceneCut[],
  { minLengthSeconds, maxLengthSeconds, maxLengthMode }: SceneLengths,
): Span[] {
  const starts = [0, ...cuts.map(({ seconds }) => seconds)];
  const scenes = starts.map((start, index) => ({ start, end: starts[index + 1] ?? durationSeconds }));
  const filters = { minLength: minLengthSeconds, maxLength: maxLengthSeconds, maxLengthMode, cropLength: 0 };
  return filterScenes(scenes, { start: 0, end: durationSeconds }, filters)
    .map(({ start, end }) => ({ startSeconds: start, endSeconds: end }))
    .filter((span) => {
      const { first, end } = framesInSpan(frameTimes, span);
      return end > first;
    });
}
