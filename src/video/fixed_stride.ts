// Cuts a video into spans of fixed length at a fixed stride, as NeMo Curator's FixedStrideExtractorStage: a last, shorter
// span is kept when it is long enough. By default span i starts at exactly i strides and the video lasts as long as its
// frames are shown. `nemo` repeats the reference: starts are summed up in floating point (0.1 drifts away from the grid) and
// the video lasts frameCount / frameRate, whatever its frames' times are.
import { UsageError } from "../errors.ts";
import type { VideoInfo } from "../media/engine.ts";
import { framesInSpan } from "../media/frame_span.ts";
import type { Span } from "../types.ts";

export interface FixedStrideOptions {
  /** Default 10. */
  readonly clipLengthSeconds?: number;
  /** From one start to the next. Default: the clip length, so that clips neither overlap nor leave gaps. */
  readonly strideSeconds?: number;
  /** Shorter spans are dropped. Default 2. */
  readonly minClipLengthSeconds?: number;
  /** At most so many spans of a video; 0: no limit. Default 0. */
  readonly limitClips?: number;
  /** "nemo" repeats the reference's arithmetic. Default "none". */
  readonly compat?: "none" | "nemo";
}

/** More spans of one video are refused: a damaged header may claim weeks. */
const MAX_SPANS = 1_000_000;

/**
 * Spans of a video in ascending order. Spans in which no frame is shown are left out, except under `nemo`.
 * @throws UsageError for lengths or strides that are not positive.
 */
export function fixedStrideSpans(
  info: Pick<VideoInfo, "frameCount" | "frameRate" | "durationSeconds" | "frameTimes">,
  options: FixedStrideOptions = {},
): Span[] {
  if (options.compat === "nemo") {
    const duration = info.frameRate > 0 ? info.frameCount / info.frameRate : -1;
    return spansOfDuration(duration, options);
  }
  const spans = spansOfDuration(info.durationSeconds, { ...options, limitClips: 0 }).filter((span) => {
    const { first, end } = framesInSpan(info.frameTimes, span);
    return end > first;
  });
  return limited(spans, options.limitClips);
}

/** Spans of [0, durationSeconds), by the same options. */
export function spansOfDuration(durationSeconds: number, options: FixedStrideOptions = {}): Span[] {
  const length = positive("clip length", options.clipLengthSeconds ?? 10);
  const stride = positive("stride", options.strideSeconds ?? length);
  const shortest = options.minClipLengthSeconds ?? 2;
  if (!(shortest >= 0))
    throw new UsageError(`Cannot cut spans as the shortest length is negative: ${shortest}`);
  const isNemo = options.compat === "nemo";
  const limit = options.limitClips ?? 0;

  const spans: Span[] = [];
  let startSeconds = 0;
  for (let i = 1; startSeconds < durationSeconds && !(limit > 0 && spans.length >= limit); i++) {
    if (i > MAX_SPANS) {
      throw new UsageError(
        `Cannot cut a video into more than ${MAX_SPANS} spans: ${durationSeconds} s at a stride of ${stride} s. Use a longer stride.`,
      );
    }
    const endSeconds = Math.min(startSeconds + length, durationSeconds);
    // A length such as 0.3 - 0.2 falls short of 0.1 by rounding alone.
    const slack = isNemo ? 0 : 1e-9 * Math.max(1, durationSeconds);
    if (endSeconds - startSeconds >= shortest - slack) spans.push({ startSeconds, endSeconds });
    startSeconds = isNemo ? startSeconds + stride : i * stride;
  }
  return spans;
}

function limited(spans: Span[], limitClips: number | undefined): Span[] {
  return limitClips !== undefined && limitClips > 0 ? spans.slice(0, limitClips) : spans;
}

function positive(name: string, seconds: number): number {
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new UsageError(`Cannot cut spans as the ${name} must be above 0 seconds: ${seconds}`);
}
