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

/** More spans of one video are refused: a stride may be a slip of the keys. */
const MAX_SPANS = 1_000_000;

/**
 * Spans of a video in ascending order. Spans in which no frame is shown are left out, except under `nemo`.
 * @throws UsageError for lengths or strides that are not positive.
 */
export function fixedStrideSpans(
  info: Pick<VideoInfo, "frameCount" | "frameRate" | "durationSeconds" | "frameTimes">,
  options: FixedStrideOptions = {},
): Span[] {
  const rules = rulesOf(options);
  if (rules.shortest > rules.length) return [];
  if (options.compat === "nemo") {
    return spansOfReference(info.frameRate > 0 ? info.frameCount / info.frameRate : -1, rules);
  }
  return spansWithFrames(info.frameTimes, info.durationSeconds, rules);
}

interface Rules {
  readonly length: number;
  readonly stride: number;
  readonly shortest: number;
  /** Spans at most. */
  readonly limit: number;
}

function rulesOf(options: FixedStrideOptions): Rules {
  const length = positive("clip length", options.clipLengthSeconds ?? 10);
  const stride = positive("stride", options.strideSeconds ?? length);
  const shortest = options.minClipLengthSeconds ?? 2;
  if (!(shortest >= 0))
    throw new UsageError(`Cannot cut spans as the shortest length is negative: ${shortest}`);
  return { length, stride, shortest, limit: options.limitClips || Number.POSITIVE_INFINITY };
}

/** Goes from frame to frame: between two that a damaged clock holds years apart lies no work. */
function spansWithFrames(
  frameTimes: Float64Array,
  durationSeconds: number,
  { length, stride, shortest, limit }: Rules,
): Span[] {
  // A length such as 0.3 - 0.2 falls short of 0.1 by rounding alone.
  const slack = 1e-9 * Math.max(1, durationSeconds);
  const spans: Span[] = [];
  for (let i = 0; i * stride < durationSeconds && spans.length < limit; ) {
    const startSeconds = i * stride;
    const span = { startSeconds, endSeconds: Math.min(startSeconds + length, durationSeconds) };
    const { first, end } = framesInSpan(frameTimes, span);
    if (end > first) {
      if (span.endSeconds - startSeconds >= shortest - slack) spans.push(span);
      refuseMany(spans, durationSeconds, stride);
      i++;
    } else {
      const next = frameTimes[first];
      if (next === undefined) break;
      i = Math.max(i + 1, Math.floor((next - length) / stride));
    }
  }
  return spans;
}

function spansOfReference(durationSeconds: number, { length, stride, shortest, limit }: Rules): Span[] {
  const spans: Span[] = [];
  for (let start = 0; start < durationSeconds && spans.length < limit; start += stride) {
    const end = Math.min(start + length, durationSeconds);
    if (end - start >= shortest) spans.push({ startSeconds: start, endSeconds: end });
    refuseMany(spans, durationSeconds, stride);
  }
  return spans;
}

function refuseMany({ length: count }: readonly Span[], durationSeconds: number, stride: number): void {
  if (count <= MAX_SPANS) return;
  throw new UsageError(
    `Cannot cut a video into more than ${MAX_SPANS} spans: ${durationSeconds} s at a stride of ${stride} s. Use a longer stride.`,
  );
}

function positive(name: string, seconds: number): number {
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new UsageError(`Cannot cut spans as the ${name} must be above 0 seconds: ${seconds}`);
}
