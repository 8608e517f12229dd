// Windows of a clip, by NeMo Curator's rule (compute_windows): whole windows of a number of frames; what is left over at
// the end is a window of its own where it is long enough, else it lengthens the last one.
import type { FrameRange } from "../media/frame_span.ts";

const windowFrames = 256;
const leastRemainder = 128;
/** A clip of fewer frames has no window. */
const leastFrames = 4;

/** Ranges of frames counted from the clip's first. */
export function clipWindows(
  frameCount: number,
  size: number = windowFrames,
  remainderThreshold: number = leastRemainder,
): FrameRange[] {
  if (frameCount < leastFrames) return [];
  const whole = Math.floor(frameCount / size);
  const windows = Array.from({ length: whole }, (_, i) => ({ first: i * size, end: (i + 1) * size }));
  const rest = { first: whole * size, end: frameCount };
  const last = windows.at(-1);
  if (rest.first === rest.end) return windows;
  if (last === undefined || frameCount - rest.first >= remainderThreshold) return [...windows, rest];
  return [...windows.slice(0, -1), { first: last.first, end: frameCount }];
}
