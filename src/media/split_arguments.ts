// The one ffmpeg command of a split. A decode feeds two outputs: clips (one encoder, key frames forced where clips begin,
// the segment muxer cutting there) and sampled frames (raw planes). Frames keep their own times: none is invented for a
// constant rate, none dropped. Filters print the tick of every frame that they pass, which tells what really came out.
import { invariant } from "../errors.ts";
import type { AudioTreatment } from "./audio_track.ts";
import { encoderOptions, needsEvenSize } from "./encoder_options.ts";
import type { SourceStream, VideoInfo } from "./engine.ts";
import { INPUT_GUARD, inputUrl } from "./input_guard.ts";
import type { SplitPlan } from "./split_plan.ts";
import { decimal, stepExpression } from "./step_expression.ts";

/** Where the process writes: names of files, or "pipe:<n>". */
export interface SplitTargets {
  readonly frames: string;
  /** Ticks of sampled frames. */
  readonly frameLabels: string;
  /** Ticks of frames that went into clips. */
  readonly clipLabels: string;
  /** Finished clips, in order. */
  readonly segmentList: string;
  /** Printed while it works, or null. */
  readonly progress: string | null;
  /** Name of the file of the k-th clip, with a printf pattern. */
  readonly clipPattern: string;
}

export interface SplitCommand {
  readonly path: string;
  readonly info: VideoInfo;
  readonly stream: SourceStream;
  readonly plan: SplitPlan;
  readonly encoder: string | null;
  readonly encoderThreads: number;
  readonly audio: AudioTreatment;
  readonly targets: SplitTargets;
}

/** Whether the command samples frames. */
export function samplesFrames(plan: SplitPlan): boolean {
  return plan.sampling !== null;
}

export function splitArguments(command: SplitCommand): string[] {
  const { stream, plan, targets } = command;
  const progress = targets.progress === null ? [] : ["-progress", targets.progress];
  return [
    ...["-nostdin", "-hide_banner", "-v", "repeat+level+error", "-max_error_rate", "1", ...progress],
    ...[...INPUT_GUARD, "-copyts", "-itsoffset", decimal(-stream.startSeconds), "-i", inputUrl(command.path)],
    ...(command.encoder === null ? [] : clipOutput(command, command.encoder)),
    ...(samplesFrames(plan) ? frameOutput(command) : []),
  ];
}

/** Whether a source of this size is padded for an encoder. */
export function isPadded(info: Pick<VideoInfo, "width" | "height">, encoder: string): boolean {
  return needsEvenSize(encoder) && (info.width % 2 === 1 || info.height % 2 === 1);
}

function clipOutput(command: SplitCommand, encoder: string): string[] {
  const { info, stream, plan, targets, audio } = command;
  const filters = [
    ...clockFilters(command),
    ...(plan.kept === null
      ? []
      : [`select='${stepExpression("pts", plan.kept.boundaries, plan.kept.values)}'`]),
    ...labelFilters("clip", targets.clipLabels),
    `scale=${info.width}:${info.height}`,
    ...(isPadded(info, encoder) ? ["pad=ceil(iw/2)*2:ceil(ih/2)*2"] : []),
    "format=yuv420p|yuvj420p",
  ];
  const cuts = plan.clips.slice(1).map((clip) => decimal(seconds(clip.startTick, plan)));
  return [
    ...["-map", `0:${stream.videoStream}`],
    ...(audio === "none" || stream.audioStream === null ? [] : ["-map", `0:${stream.audioStream}`]),
    ...["-vf", filters.join(","), "-c:v", encoder, ...encoderOptions(encoder, command.encoderThreads)],
    ...["-enc_time_base", stream.timeBase.join(":"), "-fps_mode", "passthrough"],
    ...(cuts.length === 0 ? [] : ["-force_key_frames", cuts.join(",")]),
    ...audioOptions(audio, plan),
    ...["-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-max_muxing_queue_size", "4096"],
    ...["-avoid_negative_ts", "disabled", "-f", "segment"],
    // Without a list the muxer would cut every two seconds.
    ...["-segment_times", cuts.length === 0 ? "1000000000" : cuts.join(",")],
    ...["-segment_format", "mp4", "-segment_format_options", "movflags=+faststart", "-reset_timestamps", "1"],
    ...["-segment_list", targets.segmentList, "-segment_list_type", "csv", targets.clipPattern],
  ];
}

function audioOptions(audio: AudioTreatment, plan: SplitPlan): string[] {
  if (audio === "none") return [];
  const end = plan.endTick === null ? [] : ["-t", decimal(seconds(plan.endTick, plan))];
  const inside =
    plan.kept === null
      ? null
      : stepExpression(
          audio === "copy" ? "pts*tb" : "t",
          plan.kept.boundaries.map((tick) => seconds(tick, plan)),
          plan.kept.values,
        );
  if (audio === "encode") {
    return [
      ...(inside === null ? [] : ["-af", `aselect='${inside}'`]),
      "-c:a",
      "aac",
      "-b:a",
      "128k",
      ...end,
    ];
  }
  return [...(inside === null ? [] : ["-bsf:a", `noise=drop='not(${inside})'`]), "-c:a", "copy", ...end];
}

function frameOutput(command: SplitCommand): string[] {
  const { stream, plan, targets } = command;
  invariant(plan.sampling !== null, "frames are asked for");
  const wanted = stepExpression("pts", plan.sampling.boundaries, plan.sampling.values);
  const filters = [
    ...clockFilters(command),
    `select='gt(${wanted},if(isnan(prev_selected_pts),-1500000000000000,prev_selected_pts))'`,
    ...labelFilters("sample", targets.frameLabels),
    ...planeFilters(command),
  ];
  return [
    ...["-map", `0:${stream.videoStream}`, "-vf", filters.join(","), "-fps_mode", "passthrough"],
    ...["-enc_time_base", stream.timeBase.join(":"), "-f", "rawvideo", targets.frames],
  ];
}

/** Times that rise by a tick at least, on the clock that `frameTimes` came from; nothing after the last clip. */
function clockFilters({ stream, info, plan }: SplitCommand): string[] {
  const [numerator, denominator] = stream.timeBase;
  const time = stream.timesFromRate
    ? `round(N*${denominator}/(${decimal(info.frameRate)}*${numerator}))`
    : "if(isnan(PREV_OUTPTS),PTS,max(PTS,PREV_OUTPTS+1))";
  return [
    `settb=${numerator}/${denominator}`,
    `setpts='${time}'`,
    ...(plan.endTick === null ? [] : [`trim=end_pts=${Math.ceil(plan.endTick)}`]),
  ];
}

/** Prints "frame:<n> pts:<tick> ..." per frame; the filter prints only frames that carry an entry. */
function labelFilters(key: string, target: string): string[] {
  const file = target.replaceAll(":", "\\:");
  return [`metadata=mode=add:key=${key}:value=1`, `metadata=mode=print:key=${key}:file='${file}':direct=1`];
}

/** 8-bit planar 4:2:0 with the source's range. A scale to the same size catches streams that change size on the way. */
function planeFilters({
  info: { width, height, range, pixelFormat, matrix },
  stream,
}: SplitCommand): string[] {
  if (range === "full") {
    const format = pixelFormat.startsWith("yuvj") ? "yuvj420p" : "yuv420p";
    return [`scale=${width}:${height}:in_range=full:out_range=full`, `format=${format}`];
  }
  const conversion = stream.matrixConverted ? `:out_color_matrix=${matrix}` : "";
  return [`scale=${width}:${height}${conversion}`, "format=yuv420p"];
}

function seconds(tick: number, plan: SplitPlan): number {
  return Math.round(tick * plan.secondsPerTick * 1e6) / 1e6;
}
