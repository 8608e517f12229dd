// Which frames of clips an encoder sees when only key frames are to be decoded: those of the clip, spread evenly over it as
// sampled frames are. A clip with few repeats them. Where a clip has none, no clip of the video is sampled so: a key frame from
// outside would make clips look alike.
import type { VideoInfo } from "../media/engine.ts";
import { firstFrameAtOrAfter, framesInSpan } from "../media/frame_span.ts";
import type { Span } from "../types.ts";
import { spread } from "./sample_frames.ts";

/** Display-order frame indices of the key frames in each span, ascending. */
export function keyFramesIn(
  { frameTimes, keyFrames }: Pick<VideoInfo, "frameTimes" | "keyFrames">,
  spans: readonly Span[],
): number[][] {
  const keys = keyFrames?.all ?? [];
  return spans.map((span) => {
    const { first, end } = framesInSpan(frameTimes, span);
    return keys.slice(firstFrameAtOrAfter(keys, first), firstFrameAtOrAfter(keys, end));
  });
}

/** Display-order frame indices of each span, ascending, or null where a span holds no key frame. */
export function sampleKeyFrames(
  info: Pick<VideoInfo, "frameTimes" | "keyFrames">,
  spans: readonly Span[],
  frames: number,
): number[][] | null {
  const samples: number[][] = [];
  for (const keys of keyFramesIn(info, spans)) {
    if (keys.length === 0) return null;
    samples.push(spread({ first: 0, end: keys.length }, frames).map((place) => keys[place]!));
  }
  return samples;
}
