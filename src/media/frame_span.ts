// Which frames of a video lie in a span: those shown at or after its start and before its end, by presentation time, so
// that variable frame rates come out right. Times are compared with a tolerance far below any frame's duration, since
// spans are sums of decimal strides while frame times are fractions of a container's clock.
import type { Span } from "../types.ts";

/** Seconds. A tenth of a tick of the finest clock in use (1 MHz would be the next coarser). */
const TOLERANCE_SECONDS = 1e-6;

/** Frame indices [first, end) in display order. */
export interface FrameRange {
  readonly first: number;
  readonly end: number;
}

/** @param frameTimes presentation times in seconds, ascending. */
export function framesInSpan(frameTimes: ArrayLike<number>, span: Span): FrameRange {
  const first = firstFrameAtOrAfter(frameTimes, span.startSeconds - TOLERANCE_SECONDS);
  return {
    first,
    end: Math.max(first, firstFrameAtOrAfter(frameTimes, span.endSeconds - TOLERANCE_SECONDS)),
  };
}

/** Index of the first element not below a value: the length where all are below. */
export function firstFrameAtOrAfter(ascending: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the element closest to a value, the earlier of two equally close; -1 where there is none. */
export function nearestFrame(ascending: ArrayLike<number>, value: number): number {
  const after = firstFrameAtOrAfter(ascending, value);
  if (after === 0) return ascending.length === 0 ? -1 : 0;
  if (after === ascending.length) return after - 1;
  const before = ascending[after - 1] as number;
  return (ascending[after] as number) - value < value - before ? after : after - 1;
}
