// Moves spans to where a video can be cut without encoding: each limit goes to the nearest frame that a clip can begin at, the
// earlier of two as near, and the end of the video counts as one. Limits that two spans share move together, so spans that
// touched still do, with neither gap nor overlap; a span whose limits fall together vanishes, its frames going to a neighbour.
import { InputError } from "../errors.ts";
import type { VideoInfo } from "../media/engine.ts";
import { firstFrameAtOrAfter } from "../media/frame_span.ts";
import { assertCopyable } from "../media/stream_copy.ts";
import type { Span } from "../types.ts";

export interface MovedSpan {
  readonly span: Span;
  /** As it was asked for, when it was moved. */
  readonly plannedSpan?: Span;
  /** How far it was moved, a sentence; none when it was not. */
  readonly notes?: readonly string[];
}

export interface MovedSpans {
  /** In ascending order, not overlapping. */
  readonly spans: readonly MovedSpan[];
  /** What became of the video's spans, one sentence each. */
  readonly notes: readonly string[];
}

export interface MoveOptions {
  /** Of the video, for messages. */
  readonly name: string;
  /** At most so many spans of those that are left; 0: no limit. */
  readonly limitClips: number;
}

const TOLERANCE_SECONDS = 1e-6;

/** @throws InputError copy-failed where clips cannot be copied out of the video, or none is left. */
export function spansAtKeyFrames(
  info: VideoInfo,
  planned: readonly Span[],
  { name, limitClips }: MoveOptions,
): MovedSpans {
  assertCopyable(info, name);
  const entries = info.keyFrames?.entries ?? [];
  const limits = [...entries.map((frame) => info.frameTimes[frame]!), info.durationSeconds];
  const spans: MovedSpan[] = [];
  let before: { readonly planned: Span; readonly endSeconds: number } | undefined;
  for (const span of planned) {
    // Ends are sums and starts are products of decimals: what is meant to be the same time may differ in the last bit.
    const touches = before !== undefined && span.startSeconds - before.planned.endSeconds < TOLERANCE_SECONDS;
    const startSeconds = touches ? before!.endSeconds : nearest(limits, span.startSeconds);
    const endSeconds = nearest(limits, span.endSeconds);
    before = { planned: span, endSeconds };
    if (endSeconds > startSeconds) spans.push(movedSpan({ startSeconds, endSeconds }, span));
  }
  const joined = planned.length - spans.length;
  if (spans.length === 0) {
    throw new InputError(
      "copy-failed",
      `Cannot cut a video without encoding as each of its clips lies between the same two key frames: ${name}. ` +
        "Encode its clips with --transcode-encoder auto.",
    );
  }
  const kept = limitClips > 0 ? spans.slice(0, limitClips) : spans;
  const movedCount = kept.filter(({ plannedSpan }) => plannedSpan !== undefined).length;
  const notes = [
    ...(movedCount === 0
      ? []
      : [
          `cut at key frames without encoding: ${movedCount} of ${kept.length} clips lie elsewhere than planned`,
        ]),
    ...(joined === 0 ? [] : [`clips joined to a neighbour, as no key frame parts them: ${joined}`]),
    ...(entries[0] === 0
      ? []
      : [`frames left out ahead of the first key frame that decoding can begin at: ${entries[0]}`]),
  ];
  return { spans: kept, notes };
}

function nearest(ascending: readonly number[], seconds: number): number {
  const after = firstFrameAtOrAfter(ascending, seconds);
  const [before, next] = [ascending[after - 1], ascending[after]];
  if (before === undefined) return next!;
  if (next === undefined) return before;
  return seconds - before <= next - seconds ? before : next;
}

function movedSpan(span: Span, planned: Span): MovedSpan {
  const parts = [
    movement("starts", span.startSeconds - planned.startSeconds),
    movement("ends", span.endSeconds - planned.endSeconds),
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return { span };
  return { span, plannedSpan: planned, notes: [`cut at key frames: ${parts.join(", ")}`] };
}

function movement(what: string, seconds: number): string | undefined {
  const size = Math.abs(seconds).toFixed(3);
  return Number(size) === 0 ? undefined : `${what} ${size} s ${seconds < 0 ? "early" : "late"}`;
}
