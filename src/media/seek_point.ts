// Where a decode that is wanted only late in a video may begin: at the last frame that parts the video (key_frames.ts) before
// what is wanted. From there on every frame comes out as in a decode of the whole. Only demuxers with an index seek without
// a guess: in the others a search may land between key frames, which the decoder then complains of.
import type { SourceStream, VideoInfo } from "./engine.ts";

/** Sound lies up to so much earlier in a file than the pictures that it goes with. */
const SOUND_LEAD_SECONDS = 1;
/** Decoding less than this for nothing costs no more than seeking. */
const WORTHWHILE_SECONDS = 2;

/**
 * @param firstFrame display-order index of the first frame that is wanted.
 * @returns seconds on the container's clock, just behind a frame to begin at, or null to begin at the start.
 */
export function seekPoint(
  { frameTimes, keyFrames }: Pick<VideoInfo, "frameTimes" | "keyFrames">,
  stream: Pick<SourceStream, "seekable" | "startSeconds" | "timesFromRate">,
  firstFrame: number,
): number | null {
  if (!stream.seekable || stream.timesFromRate || keyFrames === undefined) return null;
  const latest = frameTimes[firstFrame]! - SOUND_LEAD_SECONDS;
  const { entries } = keyFrames;
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (frameTimes[entries[middle]!]! <= latest) low = middle + 1;
    else high = middle;
  }
  const entry = entries[low - 1];
  if (entry === undefined || frameTimes[entry]! < WORTHWHILE_SECONDS) return null;
  // Between two frames: containers round times.
  return stream.startSeconds + (frameTimes[entry]! + frameTimes[entry + 1]!) / 2;
}
