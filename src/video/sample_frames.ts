// Which frames of a clip an encoder sees: spread evenly over the whole clip, first and last included, so that clips which
// differ only at their end do not look alike. The reference takes every (n / frames)-th and so never sees the end.
import { type FrameRange, framesInSpan } from "../media/frame_span.ts";
import type { Span } from "../types.ts";

export { type FrameRange, framesInSpan } from "../media/frame_span.ts";

/**
 * Display-order frame indices, ascending: `round(linspace(0, n - 1, frames))` over the n frames shown in the span, halves
 * rounded to even as numpy does. A clip of fewer frames repeats some; a span without frames gives none.
 * @param frameTimes presentation times of the video's frames in seconds, ascending.
 */
export function sampleFrames(frameTimes: ArrayLike<number>, span: Span, frames: number): number[] {
  return spread(framesInSpan(frameTimes, span), frames);
}

/** The same over a range of frames. One frame asked for: the first, as linspace gives its start. */
export function spread({ first, end }: FrameRange, frames: number): number[] {
  const count = end - first;
  if (count <= 0) return [];
  const step = frames > 1 ? (count - 1) / (frames - 1) : 0;
  return Array.from({ length: frames }, (_, i) => first + roundHalfToEven(i * step));
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
