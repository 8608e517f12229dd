// The decode of one video: clips are written as they come, their sampled frames embedded and their motion measured beside that.
// A long video is decoded in parts that run side by side, each an ffmpeg of its own that begins at a key frame near its first
// clip. How a video is parted depends on its length and its key frames alone, so that its clips are the same whatever runs
// beside.
import type { Storage } from "../io/storage.ts";
import { COPY } from "../media/encoder_options.ts";
import type { ClipInfo, SourceStream, SplitReport, VideoInfo } from "../media/engine.ts";
import { framesInSpan } from "../media/frame_span.ts";
import { seekPoint } from "../media/seek_point.ts";
import type { Span } from "../types.ts";
import { chooseEncoder } from "../video/encoder_choice.ts";
import { keyFramesIn, sampleKeyFrames } from "../video/key_frame_samples.ts";
import { sampleFrames } from "../video/sample_frames.ts";
import { ClipChecks } from "./clip_check.ts";
import { ClipEmbedder } from "./clip_embedder.ts";
import { ClipPreviews } from "./clip_previews.ts";
import { mediaSource } from "./media_source.ts";
import { type ClipMotionVerdict, MotionFilter } from "./motion_filter.ts";
import { layout } from "./output_layout.ts";
import type { SlowSplitLog } from "./slow_split_log.ts";
import type { PlannedClip, VideoJob, VideoPlan } from "./split_video.ts";
import type { StageContext } from "./stage.ts";

/** Size of frames that are decoded just to see whether they do. */
const LOOK = { width: 16, height: 16 };

/** How much of a part may be decoded once more for nothing, ahead of it: decoding takes about a seventh of what encoding does. */
const MAX_LEAD_SHARE = 1 / 3;

/** What the decode left of one planned clip. */
export interface FinishedClip extends PlannedClip {
  readonly info: ClipInfo | null;
  readonly embedding: Float32Array | null;
  /** Null where motion is not looked at. */
  readonly motion: ClipMotionVerdict | null;
  /** Paths that were written. */
  readonly previews: readonly string[];
}

export interface DecodedVideo {
  readonly report: Pick<SplitReport, "decodeErrors" | "complaint" | "notes">;
  /** In order; clips of which no frame came are left out. */
  readonly finished: readonly FinishedClip[];
}

/** Rejects with the first failure of a part, once no part is at work any more. */
export async function decodeInParts(
  job: VideoJob,
  plan: VideoPlan,
  output: Storage,
  context: StageContext,
  told: SlowSplitLog,
): Promise<DecodedVideo> {
  const sampling = await samplingOf(job, plan, context);
  const stop = new AbortController();
  const failures: unknown[] = [];
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const decodePart = async (clips: readonly PlannedClip[]): Promise<DecodedVideo | undefined> => {
    if (failures.length > 0) return undefined;
    try {
      return await decodeOnce(job, { ...plan, clips }, sampling, output, { ...context, signal }, told.part());
    } catch (error) {
      failures.push(error);
      stop.abort();
      return undefined;
    }
  };
  const begun = partsOf(plan, job.options).map((clips) => job.slots.run(() => decodePart(clips)));
  const parts = (await Promise.all(begun)).filter((part) => part !== undefined);
  if (failures.length > 0) throw failures[0];
  // A decode ends with its last clip: what lies behind only the probe has met.
  const { count = 0, first = null } = plan.info.complaints ?? {};
  const decodeErrors = parts.reduce((sum, { report }) => sum + report.decodeErrors, 0);
  return {
    report: {
      decodeErrors: Math.max(decodeErrors, count),
      complaint: parts.find(({ report }) => report.complaint !== null)?.report.complaint ?? first,
      notes: [...sampling.notes, ...new Set(parts.flatMap(({ report }) => report.notes))],
    },
    finished: parts.flatMap(({ finished }) => finished),
  };
}

/** Which frames an encoder is to see. */
interface Sampling {
  readonly frames: ReadonlyMap<PlannedClip, readonly number[]>;
  readonly keyFramesOnly: boolean;
  readonly notes: readonly string[];
}

/** Decided for the whole video, so that its parts agree. */
async function samplingOf({ options }: VideoJob, plan: VideoPlan, context: StageContext): Promise<Sampling> {
  if (!options.generateEmbeddings) return { frames: new Map(), keyFramesOnly: false, notes: [] };
  const { frames } = (await context.model()).spec;
  const { info, clips } = plan;
  const wished = options.frameSource === "keyframes";
  const spans = clips.map(({ span }) => span);
  const keys = wished ? sampleKeyFrames(info, spans, frames) : null;
  const samples = keys ?? spans.map((span) => sampleFrames(info.frameTimes, span, frames));
  return {
    frames: new Map(clips.map((clip, index) => [clip, samples[index]!])),
    keyFramesOnly: keys !== null,
    notes: wished && keys === null ? [`frames of any kind sampled, as ${whyNoKeyFrames(info)}`] : [],
  };
}

function whyNoKeyFrames({ keyFrames }: Pick<VideoInfo, "keyFrames">): string {
  return keyFrames === undefined ? "packets carry no presentation times" : "a clip holds no key frame";
}

/**
 * The clips of a plan in parts of about the same length, or longer where key frames lie further apart. A video whose parts
 * would each have to find their beginning anew, or of which nothing is decoded, stays whole; so does one in memory, of which
 * each part would hold a copy.
 */
function partsOf(
  { source, info, clips }: VideoPlan,
  options: VideoJob["options"],
): (readonly PlannedClip[])[] {
  const { stream } = info;
  if (source.kind !== "file" || stream?.seekable !== true || stream.timesFromRate) return [clips];
  if (copiesClips(options)) return [clips];
  const parts: PlannedClip[][] = [];
  for (const part of parted(clips, options.partSeconds)) {
    const lead = leadSeconds(info, stream, part);
    if (parts.length > 0 && lead > MAX_LEAD_SHARE * options.partSeconds) parts.at(-1)!.push(...part);
    else parts.push(part);
  }
  return parts;
}

function copiesClips({ transcodeEncoder, uploadClips }: VideoJob["options"]): boolean {
  return uploadClips && transcodeEncoder === COPY;
}

/** How much is decoded ahead of the first clip. */
function leadSeconds(info: VideoInfo, stream: SourceStream, [first]: readonly PlannedClip[]): number {
  const frame = first === undefined ? 0 : framesInSpan(info.frameTimes, first.span).first;
  const wanted = info.frameTimes[frame] ?? info.durationSeconds;
  const begin = frame < info.frameCount ? seekPoint(info, stream, frame) : null;
  return wanted - (begin === null ? 0 : begin - stream.startSeconds);
}

/** Runs of clips, each of which lasts `partSeconds` at most, gaps included, unless a single clip lasts longer. */
export function parted<T extends { readonly span: Span }>(clips: readonly T[], partSeconds: number): T[][] {
  const [first, last] = [clips[0], clips.at(-1)];
  if (first === undefined || last === undefined) return [];
  const begin = first.span.startSeconds;
  const lengthSeconds =
    (last.span.endSeconds - begin) / Math.ceil((last.span.endSeconds - begin) / partSeconds);
  const parts: T[][] = [];
  let part = -1;
  for (const clip of clips) {
    // By its middle, so that rounding at a limit decides nothing.
    const middle = (clip.span.startSeconds + clip.span.endSeconds) / 2 - begin;
    const next = Math.floor(middle / lengthSeconds);
    if (next === part) parts.at(-1)!.push(clip);
    else parts.push([clip]);
    part = next;
  }
  return parts;
}

async function decodeOnce(
  job: VideoJob,
  plan: VideoPlan,
  sampling: Sampling,
  output: Storage,
  context: StageContext,
  /** Hears how many clips are done. */
  onDone: (clips: number) => void,
): Promise<DecodedVideo> {
  const { options } = job;
  const engine = await context.mediaEngine();
  const infos = new Map<number, ClipInfo>();
  const samples = plan.clips.map((clip) => sampling.frames.get(clip) ?? []);
  const embedder = new ClipEmbedder(
    () => context.encoder(),
    samples.map(({ length }) => length),
  );
  const spans = plan.clips.map(({ span }) => span);
  const motion =
    options.motionFilter === "disable" ? null : new MotionFilter(options, plan.info, spans, context);
  // Nothing else would tell that a copied clip holds no frame that decodes.
  const onlyCopies = copiesClips(options) && !options.generateEmbeddings && motion === null;
  const grayFrames = onlyCopies ? { ...LOOK, frames: keyFramesIn(plan.info, spans) } : motion?.request;
  const previews = options.generatePreviews ? new ClipPreviews(options, plan.info, plan.clips, output) : null;
  const checks = options.strict ? new ClipChecks(engine, context.signal) : null;
  const split = engine.split(
    {
      source: plan.source,
      info: plan.info,
      spans,
      encoder: options.uploadClips ? await chooseEncoder(engine, options.transcodeEncoder) : null,
      encoderThreads: options.transcodeEncoderThreads,
      sampleFrames: samples,
      keyFramesOnly: onlyCopies || (sampling.keyFramesOnly && motion === null),
      grayFrames,
      previews: previews?.request,
      signal: context.signal,
    },
    {
      onClip: async (clip) => {
        const path = layout.clip(plan.clips[clip.index]!.id);
        await output.write(path, clip.read());
        const { span } = plan.clips[clip.index]!;
        const written = { info: clip.info, span, video: job.path, copied: copiesClips(options) };
        await checks?.add(() => mediaSource(output, path), written);
        infos.set(clip.index, clip.info);
        onDone(clip.index + 1);
      },
      onFrame: async (frame) => {
        if (!options.uploadClips) onDone(frame.clip);
        await embedder.add(frame);
      },
      onGrayFrame: async (frame) => {
        if (!options.uploadClips) onDone(frame.clip);
        await motion?.add(frame);
      },
      onPreview: async (preview) => previews?.add(preview),
    },
  );
  const report = await split.catch(async (error: unknown) => {
    await checks?.abandon();
    throw error;
  });
  await checks?.finish();
  const verdicts = (await motion?.finish()) ?? [];
  const dropped = verdicts.flatMap((verdict, index) => (verdict.dropped ? [index] : []));
  await previews?.finish(new Set(dropped));
  const embeddings = await embedder.finish();
  const empty = new Set(report.emptySpans);
  // Copied before its frames turned out not to decode.
  for (const index of empty) if (infos.has(index)) await output.delete(layout.clip(plan.clips[index]!.id));
  const finished = plan.clips.flatMap((clip, index) => {
    if (empty.has(index)) return [];
    const motion = verdicts[index] ?? null;
    const embedding = motion?.dropped === true ? null : (embeddings.get(index) ?? null);
    const written = previews?.pathsOf(index) ?? [];
    return [{ ...clip, info: infos.get(index) ?? null, embedding, motion, previews: written }];
  });
  return { report, finished };
}
