// The name of a clip: uuid5 (RFC 9562) of the video's path and the frame numbers of the span's ends, in the namespace of
// URLs, as NeMo Curator forms it. The same video cut the same way has the same ids on every machine when the path is
// relative to the video folder; the reference takes the absolute path.
import { v5 as uuid5 } from "uuid";
import type { FrameRange } from "../media/frame_span.ts";
import type { Span } from "../types.ts";

/**
 * @param path of the video, as it is to enter the id.
 * @param frameRate frames per second; frame numbers are `trunc(seconds * frameRate)`.
 */
export function clipId(path: string, span: Span, frameRate: number): string {
  const first = Math.trunc(span.startSeconds * frameRate);
  return clipIdOfFrames(path, { first, end: Math.trunc(span.endSeconds * frameRate) });
}

/** The same from frame numbers, where they are known: a time in seconds does not always lead back to its frame. */
export function clipIdOfFrames(path: string, { first, end }: FrameRange): string {
  return uuid5(`${path}_${first}_${end}`, uuid5.URL);
}

/** A clip that is to be named. */
export interface ClipToName {
  readonly span: Span;
  /** Frames of the source that it holds. */
  readonly frames: FrameRange;
  /** Frame numbers that the splitting algorithm counted, where it did. */
  readonly counted?: FrameRange | undefined;
}

/**
 * The ids of a video's clips, which do not overlap. Where frames are not spread evenly (a pause in the clock), seconds times
 * the average rate gives several clips the same numbers: the first keeps them, the others are told apart by the frames that
 * they hold, in a form that no other id has. Spans without frames become no clips and take no id away.
 */
export function clipIds(path: string, clips: readonly ClipToName[], frameRate: number): string[] {
  const taken = new Set<string>();
  return clips.map(({ span, frames, counted }) => {
    const id = counted === undefined ? clipId(path, span, frameRate) : clipIdOfFrames(path, counted);
    if (frames.first === frames.end) return id;
    if (taken.has(id)) return clipIdOfFrames(`${path}_frames`, frames);
    taken.add(id);
    return id;
  });
}

/** The name of the embeddings file of a chunk of clips. */
export function chunkId(path: string, chunkIndex: number): string {
  return uuid5(`${path}_${chunkIndex}`, uuid5.URL);
}
