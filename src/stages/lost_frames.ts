// What damage took from a video, in words. A clip of which no frame decodes is not written; one of which some do holds fewer
// frames than its span has packets. Spans in which the video shows no frame lost none.
import { COPY } from "../media/encoder_options.ts";
import type { Span } from "../types.ts";
import { framesInSpan } from "../video/sample_frames.ts";
import type { FinishedClip } from "./decode_video.ts";
import type { SplitSettings } from "./split.ts";
import type { VideoPlan } from "./split_video.ts";

/** Spans that a note lists; the rest are counted. */
const mostListed = 5;

export interface LostFrames {
  readonly clips: number;
  /** Of the video, one sentence each. */
  readonly notes: readonly string[];
  /** Of a clip. */
  notesOf(clip: FinishedClip): readonly string[];
}

export function lostFrames(
  { info: { frameTimes }, clips: planned }: VideoPlan,
  finished: readonly FinishedClip[],
  { transcodeEncoder }: Pick<SplitSettings, "transcodeEncoder">,
): LostFrames {
  const framesOf = ({ span }: { readonly span: Span }): number => {
    const { first, end } = framesInSpan(frameTimes, span);
    return end - first;
  };
  // Copied packets are counted, whether they decode or not.
  const lostOf = (clip: FinishedClip): number =>
    clip.info === null || transcodeEncoder === COPY ? 0 : framesOf(clip) - clip.info.frameCount;
  const kept = new Set(finished.map(({ id }) => id));
  const lost = planned.filter((clip) => !kept.has(clip.id) && framesOf(clip) > 0);
  const holed = finished.filter((clip) => lostOf(clip) > 0);
  const frames = holed.reduce((sum, clip) => sum + lostOf(clip), 0);
  const notes: string[] = [];
  if (lost.length > 0) {
    notes.push(
      `${lost.length} of ${planned.length} clips left out, as none of their frames decodes: ${listed(lost)}`,
    );
  }
  if (frames > 0) {
    notes.push(`frames lost in ${holed.length} of ${finished.length} clips that were kept: ${frames}`);
  }
  return {
    clips: lost.length,
    notes,
    notesOf: (clip) => (lostOf(clip) > 0 ? [`${lostOf(clip)} of ${framesOf(clip)} frames lost`] : []),
  };
}

function listed(clips: readonly { readonly span: Span }[]): string {
  const spans = clips
    .slice(0, mostListed)
    .map(({ span }) => `${span.startSeconds.toFixed(3)} to ${span.endSeconds.toFixed(3)} s`);
  if (clips.length > mostListed) spans.push(`and ${clips.length - mostListed} more`);
  return spans.join(", ");
}
