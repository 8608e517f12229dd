// The spans of a video from TransNetV2's answers. By default lengths are measured in media time and spans end where frames
// are shown, so that variable frame rates come out right. `nemo` counts frames and divides by the average rate, as the
// reference does.
import { UsageError } from "../errors.ts";
import { framesInSpan } from "../media/frame_span.ts";
import type { Span } from "../types.ts";
import { filterScenes, filterScenesAsNemo, type SceneFilters } from "./scene_filters.ts";
import { type Scene, scenesOf } from "./transnet_scenes.ts";

/** What is a cut, and what is taken of the scenes between cuts. */
export interface SceneRules {
  /** A frame above this probability is a transition. Default 0.4, which rather sees a cut too many than one too few. */
  readonly threshold?: number;
  /** Shorter scenes are dropped, in seconds; 0: none. Default 2. */
  readonly minLengthSeconds?: number;
  /** Longer scenes are divided or truncated, in seconds; 0: none. Default 10. */
  readonly maxLengthSeconds?: number;
  /** Default "stride". */
  readonly maxLengthMode?: "stride" | "truncate";
  /** Taken off a scene beside each cut, in seconds. Default 0.5. */
  readonly cropSeconds?: number;
}

export interface TransnetOptions extends SceneRules {
  /** At most so many spans; 0: no limit. Default 0. */
  readonly limitClips?: number;
  /** "nemo" repeats the reference's arithmetic. Default "none". */
  readonly compat?: "none" | "nemo";
}

/** What TransNetV2 was asked about: every frame that was decoded. */
export interface JudgedFrames {
  /** Of a transition, one for each frame. */
  readonly probabilities: ArrayLike<number>;
  /** When each is shown, in seconds from the first. */
  readonly times: ArrayLike<number>;
  /** When the last one ceases to be shown. */
  readonly durationSeconds: number;
  /** Average frames per second. */
  readonly frameRate: number;
}

/**
 * The rules with their defaults, those of NeMo Curator.
 * @throws UsageError where no scene could meet them.
 */
export function sceneRules(given: SceneRules = {}): Required<SceneRules> {
  const {
    threshold = 0.4,
    minLengthSeconds = 2,
    maxLengthSeconds = 10,
    maxLengthMode = "stride",
    cropSeconds = 0.5,
  } = given;
  if (maxLengthSeconds > 0 && minLengthSeconds > maxLengthSeconds) {
    throw new UsageError(
      `Cannot cut clips as the shortest is longer than the longest: ${minLengthSeconds} s and ${maxLengthSeconds} s. Lower --transnetv2-min-length-s, or raise --transnetv2-max-length-s (0: no limit)`,
    );
  }
  return { threshold, minLengthSeconds, maxLengthSeconds, maxLengthMode, cropSeconds };
}

/** Spans in ascending order. */
export function transnetSpans(frames: JudgedFrames, options: TransnetOptions = {}): Span[] {
  const rules = sceneRules(options);
  const spans = options.compat === "nemo" ? spansAsNemo(frames, rules) : spansInTime(frames, rules);
  const limit = options.limitClips ?? 0;
  return limit > 0 ? spans.slice(0, limit) : spans;
}

function spansInTime(frames: JudgedFrames, rules: Required<SceneRules>): Span[] {
  const { probabilities, times } = frames;
  const timeOf = (frame: number): number => times[frame] ?? frames.durationSeconds;
  const inTime = ({ start, end }: Scene): Scene => ({ start: timeOf(start), end: timeOf(end) });
  const scenes = scenesOf(probabilities, rules.threshold).map(inTime);
  const whole = inTime({ start: 0, end: probabilities.length });
  // A part of a long scene may fall between two frames where the rate varies: no clip can be made of it.
  return filterScenes(scenes, whole, filtersOf(rules))
    .map(spanOf)
    .filter((span) => {
      const { first, end } = framesInSpan(times, span);
      return end > first;
    });
}

function spansAsNemo({ probabilities, frameRate }: JudgedFrames, rules: Required<SceneRules>): Span[] {
  const { minLength, maxLength, cropLength, maxLengthMode } = filtersOf(rules);
  const scenes = filterScenesAsNemo(scenesOf(probabilities, rules.threshold, { compat: "nemo" }), {
    minLength: Math.trunc(minLength * frameRate),
    maxLength: Math.trunc(maxLength * frameRate),
    maxLengthMode,
    cropLength: Math.trunc(cropLength * frameRate),
  });
  return scenes.map(({ start, end }) => spanOf({ start: start / frameRate, end: end / frameRate }));
}

/** In seconds. */
function filtersOf({
  minLengthSeconds,
  maxLengthSeconds,
  maxLengthMode,
  cropSeconds,
}: Required<SceneRules>): SceneFilters {
  return { minLength: minLengthSeconds, maxLength: maxLengthSeconds, maxLengthMode, cropLength: cropSeconds };
}

function spanOf({ start, end }: Scene): Span {
  return { startSeconds: start, endSeconds: end };
}
