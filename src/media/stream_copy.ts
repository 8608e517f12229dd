// Cutting without encoding: which videos can be, and what a clip of copied packets holds. Nothing is decoded, so frames are
// counted by packets. The trap: an edit list may hide packets that the first frame needs; they lie in the first clip, hidden
// again by its own edit list, and are not among its frames.
import { InputError } from "../errors.ts";
import type { ClipInfo, VideoInfo } from "./engine.ts";
import type { FrameRange } from "./frame_span.ts";
import type { PlannedClip, SplitPlan } from "./split_plan.ts";

/** What mp4 can hold and players expect in it. */
const MP4_VIDEO_CODECS = new Set([
  "h264",
  "hevc",
  "av1",
  "vp9",
  "mpeg4",
  "mpeg2video",
  "mpeg1video",
  "mjpeg",
]);

const REMEDY = "Encode its clips with --transcode-encoder auto.";

/**
 * @param name of the video, for messages.
 * @throws InputError copy-failed where clips cannot be copied out of a video.
 */
export function assertCopyable(info: VideoInfo, name: string): void {
  const refuse = (why: string): InputError =>
    new InputError("copy-failed", `Cannot cut a video without encoding as ${why}: ${name}. ${REMEDY}`);
  if (!MP4_VIDEO_CODECS.has(info.videoCodec)) throw refuse(`mp4 cannot hold ${info.videoCodec}`);
  if (info.stream?.clockRestarts === true) throw refuse("its clock starts anew within it");
  if (info.keyFrames === undefined) throw refuse("its packets carry no presentation times");
  if (info.keyFrames.trailingPackets > 0) throw refuse("its edit list hides frames at its end");
  if (info.keyFrames.entries.length === 0) throw refuse("no key frame is free of the frames before it");
}

/** One file that the segment muxer writes: a clip, or what lies between clips and is thrown away. */
export interface CopiedPiece {
  readonly clip: PlannedClip | null;
  readonly startTick: number;
  readonly firstTick: number;
  /** Video packets of a clip. */
  readonly packetCount: number;
}

/**
 * All that the muxer writes, in order. Packets that are not wanted can be dropped by no bitstream filter: the clock that
 * those count in differs between containers and versions.
 */
export function copiedPieces(
  { clips, endTick }: Pick<SplitPlan, "clips" | "endTick">,
  { keyFrames }: Pick<VideoInfo, "keyFrames">,
): CopiedPiece[] {
  const pieces: CopiedPiece[] = [];
  const gap = (startTick: number): CopiedPiece => ({ clip: null, startTick, firstTick: 0, packetCount: 0 });
  const [firstKey = 0] = keyFrames?.all ?? [];
  const hidden = keyFrames?.primingPackets ?? 0;
  const first = clips[0]?.frames.first ?? 0;
  // Copying begins at the first key packet.
  if (first > 0 && (hidden > 0 || firstKey < first)) pieces.push(gap(0));
  let reachedTick = clips[0]?.startTick;
  for (const clip of clips) {
    if (reachedTick !== clip.startTick) pieces.push(gap(reachedTick!));
    const { startTick, firstTick, frames } = clip;
    const packetCount = frames.end - frames.first + (frames.first === 0 ? hidden : 0);
    pieces.push({ clip, startTick, firstTick, packetCount });
    reachedTick = clip.endTick;
  }
  return endTick === null ? pieces : [...pieces, gap(endTick)];
}

/** A clip as it is shown: upright, without hidden packets. `frames` are those of the source that it holds. */
export function copiedClip(info: VideoInfo, frames: FrameRange, clip: ClipInfo): ClipInfo {
  const frameCount = frames.end - frames.first;
  const end = frames.end < info.frameCount ? info.frameTimes[frames.end]! : info.durationSeconds;
  const durationSeconds =
    frameCount === clip.frameCount ? clip.durationSeconds : end - info.frameTimes[frames.first]!;
  return {
    ...clip,
    ...{ width: info.width, height: info.height, frameCount, durationSeconds },
    frameRate: durationSeconds > 0 ? frameCount / durationSeconds : 0,
  };
}

export function copyMismatch(name: string, clips: readonly number[]): InputError {
  return new InputError(
    "copy-failed",
    `Cannot cut a video without encoding as clips came out with other frames than theirs: ${name}, ` +
      `clips ${clips.slice(0, 5).join(", ")}. ${REMEDY}`,
  );
}
