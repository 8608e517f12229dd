// The one ffmpeg command of a split. A decode feeds up to four outputs: clips (one encoder, key frames forced where clips
// begin, the segment muxer cutting there), sampled frames (raw planes), small gray ones, and previews. Frames keep their own
// times: none is invented for a constant rate, none dropped. Filters print the tick of every frame that they pass, which
// tells what really came out.
import { invariant } from "../errors.ts";
import type { AudioTreatment } from "./audio_track.ts";
import { clipColorFilters, isHighRange } from "./clip_colors.ts";
import { clockFilters, inputArguments, labelFilters } from "./decode_arguments.ts";
import { COPY, encoderClock, encoderOptions, needsEvenSize } from "./encoder_options.ts";
import type { SourceStream, VideoInfo } from "./engine.ts";
import { firstFrameAtOrAfter } from "./frame_span.ts";
import type { PictureFormat } from "./picture_format.ts";
import { seekPoint } from "./seek_point.ts";
import type { SplitPlan, Steps, Stretch } from "./split_plan.ts";
import { decimal, stepExpression } from "./step_expression.ts";
import { copiedPieces } from "./stream_copy.ts";

/** Where the process writes: names of files, or "pipe:<n>". */
export interface SplitTargets {
  readonly frames: string;
  /** Ticks of sampled frames. */
  readonly frameLabels: string;
  readonly grayFrames: string;
  /** Ticks of gray frames. */
  readonly grayLabels: string;
  /** Ticks of frames that went into clips. */
  readonly clipLabels: string;
  /** Finished clips, in order. */
  readonly segmentList: string;
  /** Finished previews, in order. */
  readonly previewList: string;
  /** Name of the file of the k-th preview, with a printf pattern. */
  readonly previewPattern: string;
  /** Printed while it works, or null. */
  readonly progress: string | null;
  /** Name of the file of the k-th clip, with a printf pattern. */
  readonly clipPattern: string;
  /**
   * Whether bitstream filters get times on the muxer's clock, which for audio in mp4 counts samples, and a `tb` that belongs
   * to another (before 6.1), or on the clock that `tb` says.
   */
  readonly filtersOnMuxerClock: boolean;
  /** Whether ffmpeg reads a filter from a file by `-/filter:v` (from version 7 on) or by `-filter_script:v`. */
  readonly readsOptionFiles: boolean;
  /** Whether it has the filters that bring high dynamic range to SDR. */
  readonly toneMaps: boolean;
}

/** What ffmpeg is started with. */
export interface SplitCall {
  readonly args: readonly string[];
  /** Files that must lie in its working folder: filters too long for an argument. */
  readonly files: ReadonlyMap<string, string>;
  /** Whether a frame ahead of all clips is encoded too, into a file of its own that is to be thrown away. */
  readonly leads: boolean;
}

export interface SplitCommand {
  readonly path: string;
  readonly info: VideoInfo;
  readonly stream: SourceStream;
  readonly plan: SplitPlan;
  /** Size of the gray frames, or null for none. */
  readonly gray: { readonly width: number; readonly height: number } | null;
  /** Height of the previews, or null for none. */
  readonly previewHeight: number | null;
  /** Whether all sampled and gray frames are key frames. */
  readonly keyFramesOnly: boolean;
  readonly encoder: string | null;
  readonly encoderThreads: number;
  readonly audio: AudioTreatment;
  /** Whether a frame ahead of all clips may be encoded. */
  readonly mayLead: boolean;
  readonly targets: SplitTargets;
  readonly maxPixels: number;
}

/** Audio encoders put samples before time zero that prime the decoder; those of the source are kept. */
const PRIMING_SECONDS = 0.1;
/** Windows takes 32,767 characters in a whole command line, Linux 131,072 in one argument. */
const MAX_ARGUMENT_CHARACTERS = 20_000;

export function splitArguments(command: SplitCommand): SplitCall {
  const { stream, plan, targets } = command;
  const files = new Map<string, string>();
  const args = [
    ...inputArguments(command.path, stream, command.info, targets.progress, command.maxPixels, {
      seekSeconds: seekSecondsOf(command),
      keyFramesOnly: decodesKeyFramesOnly(command),
    }),
    ...(command.encoder === null ? [] : clipOutput(command, command.encoder, files)),
    ...(plan.sampling !== null ? frameOutput(command, files) : []),
    ...(plan.graySampling !== null ? grayOutput(command, files) : []),
    ...(plan.previewSampling !== null ? previewOutput(command, files) : []),
  ];
  return { args, files, leads: leadTick(command) !== null };
}

/**
 * When the first frame that is decoded is shown, where it is to be encoded though it lies ahead of all clips. Bitstream filters
 * that see the muxer's clock see another until the muxer starts, and which one depends on what was read by then: so it starts
 * with the first frame.
 */
function leadTick(command: SplitCommand): number | null {
  const { encoder, audio, mayLead, targets, plan, info, stream } = command;
  const [first] = plan.clips;
  const isAmbiguous = audio === "copy" && targets.filtersOnMuxerClock;
  if (!mayLead || !isAmbiguous || encoder === null || encoder === COPY) return null;
  if (first === undefined || first.frames.first === 0) return null;
  const seekSeconds = seekSecondsOf(command);
  if (seekSeconds === null) return 0;
  const frame = firstFrameAtOrAfter(info.frameTimes, seekSeconds - stream.startSeconds) - 1;
  return Math.round(info.frameTimes[frame]! / plan.secondsPerTick);
}

/** Copying has nothing to win: what is not decoded costs no more than to read. */
function seekSecondsOf({ encoder, info, stream, plan }: SplitCommand): number | null {
  const [first] = plan.clips;
  return encoder === COPY || first === undefined ? null : seekPoint(info, stream, first.frames.first);
}

/** What is encoded or shown needs every frame. */
function decodesKeyFramesOnly({ encoder, previewHeight, info, keyFramesOnly }: SplitCommand): boolean {
  const samplesAlone = (encoder === null || encoder === COPY) && previewHeight === null;
  return keyFramesOnly && samplesAlone && info.keyFrames !== undefined;
}

function filterArguments(
  filters: readonly string[],
  file: string,
  { targets }: SplitCommand,
  files: Map<string, string>,
): string[] {
  const text = filters.join(",");
  if (text.length <= MAX_ARGUMENT_CHARACTERS) return ["-vf", text];
  files.set(file, text);
  return [targets.readsOptionFiles ? "-/filter:v" : "-filter_script:v", file];
}

/** Whether a source of this size is padded for an encoder. */
export function isPadded(info: Pick<VideoInfo, "width" | "height">, encoder: string): boolean {
  return encoder !== COPY && needsEvenSize(encoder) && (info.width % 2 === 1 || info.height % 2 === 1);
}

function clipOutput(command: SplitCommand, encoder: string, files: Map<string, string>): string[] {
  const { info, stream, plan, targets, audio } = command;
  const copies = encoder === COPY;
  const lead = leadTick(command);
  const clips = lead === null ? plan.clips : [{ startTick: lead, firstTick: lead }, ...plan.clips];
  const pieces = copies ? copiedPieces(plan, info) : clips;
  const cuts = pieces.slice(1).map(({ startTick }) => seconds(startTick, plan));
  // Nearer to the frame: the encoder rounds to its own clock, in which frames may be but one tick apart.
  const keys = pieces.slice(1).map(({ startTick, firstTick }) => seconds((startTick + firstTick) / 2, plan));
  // The muxer starts every piece at time zero but the first: that is shifted there, and with it the times to cut at.
  const start = seconds(pieces[0]?.firstTick ?? 0, plan);
  return [
    ...["-map", `0:${stream.videoStream}`],
    ...(audio === "none" || stream.audioStream === null ? [] : ["-map", `0:${stream.audioStream}`]),
    ...(copies ? ["-c:v", COPY] : encodeOptions(command, encoder, keys, files)),
    ...audioOptions(command),
    ...(plan.endTick === null || !(copies || audio !== "none")
      ? []
      : ["-t", decimal(seconds(plan.endTick, plan))]),
    ...["-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-max_muxing_queue_size", "4096"],
    ...["-output_ts_offset", decimal(-start), "-avoid_negative_ts", "disabled", "-f", "segment"],
    // Without a list the muxer would cut every two seconds.
    ...[
      "-segment_times",
      cuts.length === 0 ? "1000000000" : cuts.map((cut) => decimal(cut - start)).join(","),
    ],
    ...["-segment_format", "mp4", "-reset_timestamps", "1"],
    // Before version 7 FLAC in mp4 is called experimental.
    ...["-segment_format_options", "movflags=+faststart:strict=experimental"],
    ...["-segment_list", targets.segmentList, "-segment_list_type", "csv", targets.clipPattern],
  ];
}

function encodeOptions(
  command: SplitCommand,
  encoder: string,
  keys: readonly number[],
  files: Map<string, string>,
): string[] {
  const { info, stream, plan, targets } = command;
  const kept = inside(plan, "pts", ({ startTick }) => startTick);
  const ahead =
    leadTick(command) === null ? "" : `+isnan(prev_selected_pts)*lt(pts,${plan.clips[0]?.startTick})`;
  const filters = [
    ...keptFrames(command),
    ...(plan.stretches.length === 1 && plan.clips[0]?.frames.first === 0 ? [] : [`select='${kept}${ahead}'`]),
    ...labelFilters("clip", targets.clipLabels),
    ...clipColorFilters(stream.picture, targets.toneMaps),
    ...(isPadded(info, encoder) ? ["pad=ceil(iw/2)*2:ceil(ih/2)*2"] : []),
  ];
  return [
    ...filterArguments(filters, "clips.filter", command, files),
    ...["-c:v", encoder, ...encoderOptions(encoder, command.encoderThreads)],
    ...["-enc_time_base", encoderClock(encoder, stream.timeBase).join(":"), "-fps_mode", "passthrough"],
    ...frameDurations(command),
    ...(keys.length === 0 ? [] : ["-force_key_frames", keys.map(decimal).join(",")]),
  ];
}

/**
 * Since ffmpeg 7 frames leave `setpts` without a duration: the last of a clip would last no time, and an edit list hide it.
 * Before, the muxer knew what lacked, and `TB` here was not the clock of the packets.
 */
function frameDurations({ info, targets }: SplitCommand): string[] {
  const ticks = `max(round(${decimal(1 / info.frameRate)}/TB)\\,1)`;
  return targets.filtersOnMuxerClock
    ? []
    : ["-bsf:v", `setts=duration=if(gt(DURATION\\,0)\\,DURATION\\,${ticks})`];
}

/** A stretch's audio begins with its first frame: what comes before would fall to the clip that ends before the gap. */
function audioOptions(command: SplitCommand): string[] {
  const { audio, plan, stream, targets } = command;
  if (audio === "none") return [];
  const begin = ({ firstTick }: Stretch): number =>
    firstTick === 0 ? -PRIMING_SECONDS / plan.secondsPerTick : firstTick;
  if (audio === "encode") {
    const kept = inside(plan, `t/${decimal(plan.secondsPerTick)}`, begin);
    return ["-af", `aselect='${kept}'`, "-c:a", "aac", "-b:a", "128k"];
  }
  const time = packetSeconds(
    stream.audioSampleRate,
    seconds(leadTick(command) ?? plan.stretches[0]?.firstTick ?? 0, plan),
    targets,
  );
  const kept = inside(plan, `${time}/${decimal(plan.secondsPerTick)}`, begin);
  return ["-bsf:a", `noise=drop='not(${kept})'`, "-c:a", "copy"];
}

/**
 * The time of an audio packet as an expression of bitstream filters. Where these see the muxer's clock, they see the source's,
 * as `tb` says, until the muxer starts, which is when the first wanted frame is encoded.
 */
function packetSeconds(
  sampleRate: number | null,
  startSeconds: number,
  { filtersOnMuxerClock }: SplitTargets,
): string {
  if (!filtersOnMuxerClock || sampleRate === null) return "pts*tb";
  const muxed = `pts/${sampleRate}`;
  return startSeconds > 0 ? `if(lt(${muxed},${decimal(startSeconds / 2)}),pts*tb,${muxed})` : muxed;
}

/** An expression that is 1 in the stretches that are kept. */
function inside(plan: SplitPlan, tick: string, begin: (stretch: Stretch) => number): string {
  const boundaries = plan.stretches.flatMap((stretch) => [begin(stretch), stretch.endTick]);
  return stepExpression(tick, boundaries, [0, ...plan.stretches.flatMap(() => [1, 0])]);
}

function frameOutput(command: SplitCommand, files: Map<string, string>): string[] {
  const { stream, plan, targets } = command;
  invariant(plan.sampling !== null, "frames are asked for");
  const filters = [
    ...keptFrames(command),
    firstSince(plan.sampling),
    ...labelFilters("sample", targets.frameLabels),
    ...planeFilters(stream.picture),
  ];
  return [
    ...["-map", `0:${stream.videoStream}`, ...filterArguments(filters, "frames.filter", command, files)],
    ...["-fps_mode", "passthrough", "-enc_time_base", stream.timeBase.join(":")],
    ...["-f", "rawvideo", targets.frames],
  ];
}

/** Selects the first frame since each moment. */
function firstSince({ boundaries, values }: Steps): string {
  const wanted = stepExpression("pts", boundaries, values);
  return `select='gt(${wanted},if(isnan(prev_selected_pts),-1500000000000000,prev_selected_pts))'`;
}

/**
 * WebP as NeMo Curator makes it, but for the colours: readers take them as BT.601 of limited range, so they are brought there.
 * To the segment muxer every frame is a key frame, so that it cuts where it is told.
 */
function previewOutput(command: SplitCommand, files: Map<string, string>): string[] {
  const { stream, plan, targets, previewHeight } = command;
  invariant(plan.previewSampling !== null && previewHeight !== null, "previews are asked for");
  const cuts = plan.previews.slice(1).map(({ startTick }) => decimal(seconds(startTick, plan)));
  const height = `min(${previewHeight},ih)`;
  const filters = [
    ...keptFrames(command),
    firstSince(plan.previewSampling),
    ...(isHighRange(stream.picture) ? clipColorFilters(stream.picture, targets.toneMaps) : []),
    // `dar` is the aspect ratio of the picture as it is shown.
    `scale='2*max(1,round(${height}*dar/2))':'2*ceil(${height}/2)':out_color_matrix=bt601:out_range=limited`,
    "setsar=1",
    "format=yuv420p",
  ];
  return [
    ...["-map", `0:${stream.videoStream}`, ...filterArguments(filters, "previews.filter", command, files)],
    ...["-fps_mode", "passthrough", "-enc_time_base", stream.timeBase.join(":")],
    ...["-c:v", "libwebp", "-lossless", "0", "-compression_level", "6", "-q:v", "50"],
    ...["-f", "segment", "-segment_times", cuts.length === 0 ? "1000000000" : cuts.join(",")],
    ...["-segment_format", "webp", "-segment_format_options", "loop=0"],
    ...["-segment_list", targets.previewList, "-segment_list_type", "csv", targets.previewPattern],
  ];
}

/** Area averaging, since a frame that is only compared with its neighbour must carry no aliasing. */
function grayOutput(command: SplitCommand, files: Map<string, string>): string[] {
  const { stream, plan, targets, gray } = command;
  invariant(plan.graySampling !== null && gray !== null, "gray frames are asked for");
  const { boundaries, values } = plan.graySampling;
  const filters = [
    ...keptFrames(command),
    `select='${stepExpression("pts", boundaries, values)}'`,
    ...labelFilters("gray", targets.grayLabels),
    `scale=${gray.width}:${gray.height}:flags=area+accurate_rnd+bitexact`,
    "format=gray",
  ];
  return [
    ...["-map", `0:${stream.videoStream}`, ...filterArguments(filters, "gray.filter", command, files)],
    ...["-fps_mode", "passthrough", "-enc_time_base", stream.timeBase.join(":")],
    ...["-f", "rawvideo", targets.grayFrames],
  ];
}

/** Nothing after the last clip, nor behind the last frame that the probe met: files grow. */
function keptFrames({ stream, info, plan }: SplitCommand): string[] {
  return [
    ...clockFilters(stream),
    `trim=end_pts=${Math.ceil(plan.endTick ?? middleOfLastFrame(info, plan))}`,
  ];
}

function middleOfLastFrame(
  { frameTimes, durationSeconds }: VideoInfo,
  { secondsPerTick }: SplitPlan,
): number {
  const tick = Math.round(frameTimes[frameTimes.length - 1]! / secondsPerTick);
  return Math.max(tick + 1, (tick + durationSeconds / secondsPerTick) / 2);
}

/** Planes in the pixel format that the probe chose. A scale to the same size catches streams that change on the way. */
function planeFilters({ rawFormat, frame: { width, height, range } }: PictureFormat): string[] {
  return [`scale=${width}:${height}:in_range=${range}:out_range=${range}`, `format=${rawFormat}`];
}

function seconds(tick: number, plan: SplitPlan): number {
  return Math.round(tick * plan.secondsPerTick * 1e6) / 1e6;
}
