// What one decode must do for a split, in ticks of the video's clock: where clips begin and end, which stretches are
// discarded, and which frames are sampled. Every limit lies halfway between two frames, so that it holds whatever way a
// decoder rounds; frames are met by time and not by number, since damaged files lose some.
import type { Span } from "../types.ts";
import type { SourceStream, SplitRequest } from "./engine.ts";
import { type FrameRange, framesInSpan } from "./frame_span.ts";
import { type PlannedPreview, planPreviews } from "./preview_plan.ts";

/** Beyond any time that a video has. */
const FAR_TICKS = 1e15;
/** Selected by no frame: lower than what `prev_selected_pts` stands for before the first selection. */
const NOTHING = -2 * FAR_TICKS;

export interface WantedFrame {
  /** When it is shown. */
  readonly tick: number;
  /** Halfway to the frame before it. */
  readonly windowStart: number;
}

/** Of the clock, [startTick, endTick): where one frame is met. */
export interface FrameWindow {
  readonly startTick: number;
  readonly endTick: number;
}

/** A decoded frame at tick t belongs to it when startTick <= t < endTick. */
export interface Stretch {
  readonly startTick: number;
  readonly endTick: number;
  /** When its first frame is shown. */
  readonly firstTick: number;
}

export interface PlannedClip extends Stretch {
  /** Index into the spans of the request. */
  readonly index: number;
  readonly frames: FrameRange;
  /** Sampled frames, ascending, repeats kept. */
  readonly wanted: readonly WantedFrame[];
  /** Gray frames, ascending, repeats kept. */
  readonly gray: readonly FrameWindow[];
}

/** A function of time that is constant between boundaries (step_expression.ts). */
export interface Steps {
  readonly boundaries: readonly number[];
  readonly values: readonly number[];
}

export interface SplitPlan {
  /** Spans that hold frames, in order. */
  readonly clips: readonly PlannedClip[];
  /** Spans in which the video has no frame. */
  readonly emptySpans: readonly number[];
  readonly secondsPerTick: number;
  /** What is kept, in order; the rest is discarded. */
  readonly stretches: readonly Stretch[];
  /** Time after which nothing is wanted, or null. */
  readonly endTick: number | null;
  /** At each time, the latest moment from which a frame is wanted: the first frame since then is selected. */
  readonly sampling: Steps | null;
  /** 1 at times whose frame is wanted in gray, else 0. */
  readonly graySampling: Steps | null;
  /** In order of time. */
  readonly previews: readonly PlannedPreview[];
  /** Like `sampling`, for the frames that previews show. */
  readonly previewSampling: Steps | null;
}

/** @param skip whether to leave a span out of the plan, by its index. */
export function planSplit(
  request: Pick<SplitRequest, "spans" | "sampleFrames" | "grayFrames" | "previews"> & {
    readonly frameTimes: Float64Array;
  },
  stream: SourceStream,
  skip: (index: number) => boolean = () => false,
): SplitPlan {
  const { frameTimes, spans } = request;
  const secondsPerTick = stream.timeBase[0] / stream.timeBase[1];
  const tick = (frame: number): number => Math.round((frameTimes[frame] as number) / secondsPerTick);
  const before = (frame: number): number =>
    frame <= 0 ? -FAR_TICKS : frame >= frameTimes.length ? FAR_TICKS : (tick(frame - 1) + tick(frame)) / 2;

  const clips: PlannedClip[] = [];
  const emptySpans: number[] = [];
  spans.forEach((span: Span, index) => {
    if (skip(index)) return;
    const frames = framesInSpan(frameTimes, span);
    if (frames.first === frames.end) {
      emptySpans.push(index);
    } else {
      const within = (asked: number): number => Math.min(Math.max(asked, frames.first), frames.end - 1);
      const wanted = (request.sampleFrames[index] ?? []).map((asked) => {
        const frame = within(asked);
        return { tick: tick(frame), windowStart: before(frame) };
      });
      const gray = (request.grayFrames?.frames[index] ?? []).map((asked) => {
        const frame = within(asked);
        return { startTick: before(frame), endTick: before(frame + 1) };
      });
      const limits = { startTick: before(frames.first), endTick: before(frames.end) };
      clips.push({ index, frames, ...limits, firstTick: tick(frames.first), wanted, gray });
    }
  });
  const endTick = clips.at(-1)?.endTick ?? FAR_TICKS;
  const previews =
    request.previews === undefined ? [] : planPreviews(request.previews, clips, frameTimes, before);
  return {
    clips,
    emptySpans,
    secondsPerTick,
    stretches: joinedStretches(clips),
    endTick: endTick === FAR_TICKS ? null : endTick,
    sampling: momentSteps(clips.map(sampledMoments)),
    graySampling: graySteps(clips),
    previews,
    previewSampling: momentSteps(previews),
  };
}

/** The clip that a decoded frame belongs to, or undefined. */
export function clipAtTick(plan: SplitPlan, tick: number): PlannedClip | undefined {
  let low = 0;
  let high = plan.clips.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((plan.clips[middle] as PlannedClip).endTick <= tick) low = middle + 1;
    else high = middle;
  }
  const clip = plan.clips[low];
  return clip !== undefined && clip.startTick <= tick ? clip : undefined;
}

/** Clips without a gap between them, joined. */
function joinedStretches(clips: readonly PlannedClip[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { startTick, firstTick, endTick } of clips) {
    const last = stretches.at(-1);
    if (last?.endTick === startTick) stretches[stretches.length - 1] = { ...last, endTick };
    else stretches.push({ startTick, firstTick, endTick });
  }
  return stretches;
}

/** Moments from each of which the next frame is wanted, and when they end. */
interface Moments {
  readonly moments: readonly number[];
  readonly endTick: number;
}

/** The first frame of each sampled clip is wanted too: it stands in where damage took all the others. */
function sampledMoments({ startTick, endTick, wanted }: PlannedClip): Moments {
  const moments = wanted.length === 0 ? [] : [startTick, ...wanted.map(({ windowStart }) => windowStart)];
  return { moments, endTick };
}

/** At each time, the latest of the moments, and nothing after their end. */
function momentSteps(groups: readonly Moments[]): Steps | null {
  const boundaries: number[] = [];
  const values = [NOTHING];
  for (const { moments, endTick } of groups) {
    for (const start of moments) {
      if (boundaries.at(-1) === start && values.at(-1) !== start) {
        values[values.length - 1] = start;
      } else if (values.at(-1) !== start) {
        boundaries.push(start);
        values.push(start);
      }
    }
    if (moments.length > 0) {
      boundaries.push(endTick);
      values.push(NOTHING);
    }
  }
  return boundaries.length === 0 ? null : { boundaries, values };
}

function graySteps(clips: readonly PlannedClip[]): Steps | null {
  const boundaries: number[] = [];
  for (const { startTick, endTick } of clips.flatMap(({ gray }) => gray)) {
    const lastEnd = boundaries.at(-1);
    if (lastEnd === endTick) continue;
    if (lastEnd === startTick) boundaries[boundaries.length - 1] = endTick;
    else boundaries.push(startTick, endTick);
  }
  return boundaries.length === 0
    ? null
    : { boundaries, values: [0, ...boundaries.map((_, index) => (index + 1) % 2)] };
}
