// Which frames the motion of a clip is measured on: pairs of neighbours, spread over the whole clip (NeMo Curator looks at
// a prefix only), and how small they may be.
import { framesInSpan } from "../media/frame_span.ts";
import type { Span } from "../types.ts";

export interface MotionSampling {
  /** Moments looked at per second of the clip at most. */
  readonly targetFps: number;
  /** Share of them that is enough. */
  readonly targetDurationRatio: number;
}

/** A clip is looked at this often, as far as `targetFps` allows. */
const leastPairs = 10;
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/**
 * Display-order indices of frames, ascending: the first and second of a pair, the first and second of the next, ... Each
 * equal part of the clip has one pair, at a place that differs from part to part: a fixed distance could fall on the
 * repeated frames of a film at 30 frames a second every time.
 */
export function motionFrames(
  frameTimes: ArrayLike<number>,
  span: Span,
  { targetFps, targetDurationRatio }: MotionSampling,
): number[] {
  const { first, end } = framesInSpan(frameTimes, span);
  const pairsThere = end - first - 1;
  if (pairsThere < 1) return [];
  const moments = targetFps * (span.endSeconds - span.startSeconds);
  const enough = Math.max(leastPairs, Math.round(moments * targetDurationRatio));
  const count = Math.max(1, Math.min(enough, Math.floor(moments), pairsThere));
  const places = new Set<number>();
  for (let part = 0; part < count; part++) {
    const offset = (part * goldenRatio) % 1;
    places.add(first + Math.floor(((part + offset) * pairsThere) / count));
  }
  return [...places].flatMap((frame) => [frame, frame + 1]);
}

/** Of the shorter side, pixels. A displacement as small as the least that counts is then most of a pixel. */
const shorterSide = 256;
const longestSide = 1024;

/**
 * Size of the gray frames: about 256 pixels on the shorter side, never larger than the video, both sides multiples of
 * `unit`. The aspect ratio is kept only about: displacements are scaled back along each side.
 */
export function motionFrameSize(
  { width, height }: { readonly width: number; readonly height: number },
  unit: number,
): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, shorterSide / Math.min(width, height), longestSide / Math.max(width, height));
  const side = (pixels: number): number => Math.max(1, Math.round((pixels * scale) / unit)) * unit;
  return { width: side(width), height: side(height) };
}
