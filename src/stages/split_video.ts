// One video through the split: probe, plan the clips, decode once, write each clip as it comes, embed its sampled frames
// beside that, and last write the metadata. The journal hears of all outputs before the first, and removes them on failure.
import { DataError, InputError } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import { objectBytes } from "../io/object_body.ts";
import { createParquetWriter } from "../io/parquet_write.ts";
import type { Storage } from "../io/storage.ts";
import { COPY } from "../media/encoder_options.ts";
import type { MediaSource, SplitReport, VideoInfo } from "../media/engine.ts";
import { clipChunks } from "../video/clip_chunks.ts";
import { chunkId, clipIds } from "../video/clip_id.ts";
import { chooseEncoder } from "../video/encoder_choice.ts";
import { type MovedSpan, type MovedSpans, spansAtKeyFrames } from "../video/key_frame_spans.ts";
import { chunkMetadata, clipMetadata, metadataText, videoMetadata } from "../video/metadata.ts";
import { framesInSpan } from "../video/sample_frames.ts";
import type { ShotModel } from "../video/shot_model.ts";
import type { SceneCut } from "../video/span_planner.ts";
import { algorithmOf, spanPlannerOf } from "../video/span_planners.ts";
import { previewPath, requireWebp, windowsOf } from "./clip_previews.ts";
import { decodeInParts, type FinishedClip } from "./decode_video.ts";
import { lostFrames } from "./lost_frames.ts";
import { mediaSource } from "./media_source.ts";
import { layout } from "./output_layout.ts";
import { SlowSplitLog } from "./slow_split_log.ts";
import { slowVideoLog } from "./slow_video_log.ts";
import type { SplitSettings } from "./split.ts";
import { nothingMade, type SplitSummary } from "./split_summary.ts";
import type { StageContext } from "./stage.ts";
import type { WorkSlots } from "./work_slots.ts";

export interface VideoJob {
  /** Relative to the video folder. */
  readonly path: string;
  readonly videos: Storage;
  readonly options: SplitSettings;
  /** Shared by all videos of the stage. */
  readonly slots: WorkSlots;
}

export interface PlannedClip extends MovedSpan {
  readonly id: string;
}

export interface VideoPlan {
  readonly source: MediaSource;
  readonly info: VideoInfo;
  readonly clips: readonly PlannedClip[];
  /** Null where the algorithm does not look for any. */
  readonly cuts: readonly SceneCut[] | null;
  /** How the clips differ from what was asked for, one sentence each. */
  readonly notes: readonly string[];
}

/** Probes a video and plans its clips. Rejects with InputError where it holds none. */
export async function planVideo(job: VideoJob, context: StageContext): Promise<VideoPlan> {
  const { path, videos, options } = job;
  const engine = await context.mediaEngine();
  // An encoder is tried once in a run, while the first video is probed. What ffmpeg lacks is said before what a video does.
  const [encoder, probed] = await Promise.allSettled([
    options.uploadClips && !options.dryRun ? chooseEncoder(engine, options.transcodeEncoder) : null,
    readable(async () => {
      const source = await mediaSource(videos, path);
      return { source, info: await engine.probe(source, context.signal) };
    }),
  ]);
  if (encoder.status === "rejected") throw encoder.reason;
  if (probed.status === "rejected") throw probed.reason;
  const { source, info } = probed.value;
  const copies = options.uploadClips && options.transcodeEncoder === COPY;
  // Clips to copy are limited once they lie where they can be cut.
  const splitting = copies ? { ...options.splitting, limitClips: 0 } : options.splitting;
  const planner = spanPlannerOf(splitting);
  const { signal } = context;
  const gpu = (): Promise<GpuContext> => context.device();
  const shotModel = (): Promise<ShotModel> => context.shotModel();
  const onFrames = slowVideoLog(context.log, path, info.frameCount);
  const {
    spans,
    frames,
    cuts = null,
  } = await planner.plan({ source, info, engine, gpu, shotModel, onFrames, signal }, splitting);
  if (spans.length === 0) {
    const { seconds, flag } = planner.shortest(splitting);
    throw new InputError(
      "too-short",
      `Cannot cut a clip as ${cuts ? "no scene of the video is long enough" : "the video is too short"}: ${path} lasts ${info.durationSeconds.toFixed(3)} s and the shortest clip ${seconds} s. Allow shorter ones with ${flag}`,
      { skipped: true },
    );
  }
  const { limitClips = 0 } = options.splitting;
  const cut: MovedSpans = copies
    ? spansAtKeyFrames(info, spans, { name: path, limitClips })
    : { spans: spans.map((span) => ({ span })), notes: [] };
  if (cut.spans.length > options.maxClipsPerVideo) {
    throw new InputError(
      "limit-clips",
      `Cannot split a video as it would give ${cut.spans.length} clips, more than --max-clips-per-video ${options.maxClipsPerVideo}: ${path} lasts ${info.durationSeconds.toFixed(2)} s. ` +
        "Raise that limit, cut longer clips, or keep the first ones with --limit-clips",
    );
  }
  const toName = cut.spans.map(({ span }, index) => ({
    span,
    frames: framesInSpan(info.frameTimes, span),
    // Numbers that the algorithm counted hold where its spans were not moved.
    counted: copies ? undefined : frames?.[index],
  }));
  const ids = clipIds(nameInIds(job), toName, info.frameRate);
  const clips = cut.spans.map((moved, index) => ({ ...moved, id: ids[index]! }));
  return { source, info, cuts, clips, notes: cut.notes };
}

/** The path that enters ids and records: relative to the video folder, so that moving it changes nothing. */
function nameInIds({ path, videos, options }: VideoJob): string {
  return options.compat === "nemo" ? (videos.localPath(path) ?? path) : path;
}

/** Works a planned video and resolves to the paths written and the figures. */
export async function splitVideo(
  job: VideoJob,
  plan: VideoPlan,
  output: Storage,
  context: StageContext,
): Promise<{ outputs: string[]; summary: SplitSummary }> {
  const { path, options } = job;
  // What lacks (a GPU that was asked for, a model's weights) is met before the first clip is written.
  if (options.generateEmbeddings) await context.encoder();
  if (options.motionFilter !== "disable") await context.device();
  if (options.generatePreviews) await requireWebp(await context.mediaEngine());
  await context.willWrite?.(await plannedOutputs(job, plan, context));
  const told = new SlowSplitLog(context.log, path, plan.clips.length);
  const { report, finished } = await decodeInParts(job, plan, output, context, told).finally(() =>
    told.stop(),
  );
  const [complaint] = complaints(report);
  const summary = { ...nothingMade, decodeErrors: report.decodeErrors };
  if (options.strict && complaint !== undefined) {
    throw new InputError(
      "decode-errors",
      `Cannot take a video under --strict as ${complaint.replace(/\.$/, "")}: ${path}. Leave --strict out to keep the clips that decode`,
      { summary },
    );
  }
  if (finished.length === 0) {
    throw new InputError(
      "no-frames",
      `Cannot cut a clip as no frame of ${path} could be decoded (${report.decodeErrors} decoder complaints). Get an undamaged copy`,
      { summary },
    );
  }
  const outputs: string[] = options.uploadClips ? finished.map(placeOf) : [];
  if (options.uploadClips) await moveDropped(output, finished);
  outputs.push(...finished.flatMap(({ previews }) => previews));
  const put = async (name: string, record: Parameters<typeof metadataText>[0]): Promise<void> => {
    await output.write(name, `${metadataText(record)}\n`);
    outputs.push(name);
  };
  const sourceVideo = nameInIds(job);
  const { info } = plan;
  const lost = lostFrames(plan, finished, options);
  for (const finishedClip of finished) {
    const { id, span, plannedSpan, notes = [], info: clip, motion } = finishedClip;
    const path = placeOf(finishedClip);
    const location = options.compat === "nemo" ? (output.localPath(path) ?? path) : path;
    await put(
      layout.clipMetadata(id),
      clipMetadata({
        id,
        sourceVideo,
        ...{ span, plannedSpan, notes: [...notes, ...lost.notesOf(finishedClip)] },
        frames: framesInSpan(info.frameTimes, span),
        source: info,
        location,
        clip,
        withoutDuration: options.compat === "nemo",
        ...(motion === null ? {} : { motion: motion.score }),
        ...(options.generatePreviews && motion?.dropped !== true ? { windows: windowsOf(info, span) } : {}),
        ...(motion !== null && motion.score === null ? { errors: { motion: unmeasured } } : {}),
      }),
    );
  }
  const chunks = clipChunks(finished, options.clipReChunkSize);
  for (const [chunkIndex, chunk] of chunks.entries()) {
    const clips = chunk.map(({ id, span, info: clip, embedding, motion, previews }) => ({
      id,
      span,
      previewed: previews.length > 0,
      filtered: motion?.dropped === true,
      transcoded: clip !== null,
      embedded: embedding !== null,
    }));
    await put(layout.chunkRecord(path, chunkIndex), chunkMetadata({ video: sourceVideo, chunkIndex, clips }));
    if (!options.generateEmbeddings) continue;
    const file = await embeddingFile(job, chunkIndex, context);
    if (await writeEmbeddings(output, file, chunk)) outputs.push(file);
  }
  const { decodeErrors } = report;
  const notes = [...plan.notes, ...report.notes, ...lost.notes, ...complaints(report)];
  await put(
    layout.videoRecord(path),
    videoMetadata({
      video: sourceVideo,
      info,
      splittingAlgorithm: algorithmOf(options.splitting),
      cuts: plan.cuts,
      clipCount: finished.length,
      chunkCount: chunks.length,
      decodeErrors,
      notes,
    }),
  );
  const passed = finished.filter(({ motion }) => motion?.dropped !== true);
  const clipSeconds = passed.reduce((sum, { span }) => sum + span.endSeconds - span.startSeconds, 0);
  const counts = {
    clips: passed.length,
    filteredClips: finished.length - passed.length,
    lostClips: lost.clips,
  };
  return { outputs, summary: { ...counts, clipSeconds, decodeErrors, notes } };
}

/** What the decoder said, as a note of the video. */
function complaints({ decodeErrors, complaint }: Pick<SplitReport, "decodeErrors" | "complaint">): string[] {
  if (decodeErrors === 0) return [];
  const times = decodeErrors === 1 ? "once" : `${decodeErrors} times, first`;
  return [`the decoder complained ${times}: ${complaint ?? "no message"}`];
}

const unmeasured = "No two neighbouring frames could be compared";

function placeOf({ id, motion }: Pick<FinishedClip, "id" | "motion">): string {
  return motion?.dropped === true ? layout.filteredClip(id) : layout.clip(id);
}

/** A clip is written before its motion is known. */
async function moveDropped(output: Storage, clips: readonly FinishedClip[]): Promise<void> {
  for (const { id, info, motion } of clips) {
    if (info === null || motion?.dropped !== true) continue;
    await output.write(layout.filteredClip(id), objectBytes(output, layout.clip(id), info.sizeBytes));
    await output.delete(layout.clip(id));
  }
}

/** All that the plan can lead to. What spans that turn out empty and clips that end in another place leave unwritten is in it. */
async function plannedOutputs(
  job: VideoJob,
  { clips, info }: VideoPlan,
  context: StageContext,
): Promise<string[]> {
  const { path, options } = job;
  const outputs = clips.flatMap(({ id, span }) => [
    ...(options.uploadClips ? [layout.clip(id)] : []),
    ...(options.uploadClips && options.motionFilter === "enable" ? [layout.filteredClip(id)] : []),
    layout.clipMetadata(id),
    ...(options.generatePreviews ? windowsOf(info, span).map((window) => previewPath(id, window)) : []),
  ]);
  for (const chunk of clipChunks(clips, options.clipReChunkSize).keys()) {
    outputs.push(layout.chunkRecord(path, chunk));
    if (options.generateEmbeddings) outputs.push(await embeddingFile(job, chunk, context));
  }
  return [...outputs, layout.videoRecord(path)];
}

async function embeddingFile(job: VideoJob, chunk: number, context: StageContext): Promise<string> {
  const folder = layout.embeddingFolder((await context.model()).spec.outputPrefix);
  return `${folder}/${chunkId(nameInIds(job), chunk)}.parquet`;
}

/** Writes the table of a chunk, unless it would have no row; resolves to whether it did. */
async function writeEmbeddings(
  output: Storage,
  path: string,
  clips: readonly FinishedClip[],
): Promise<boolean> {
  const embedded = clips.flatMap(({ id, embedding }) => (embedding === null ? [] : [{ id, embedding }]));
  const [first] = embedded;
  if (first === undefined) return false;
  const dimension = first.embedding.length;
  const rows = new Float32Array(embedded.length * dimension);
  for (const [index, { embedding }] of embedded.entries()) rows.set(embedding, index * dimension);
  const writer = await createParquetWriter(output, path, [
    { name: "id", type: "string" },
    { name: "embedding", type: "embedding", dimension },
  ]);
  try {
    await writer.writeRows({ id: embedded.map(({ id }) => id), embedding: rows });
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return true;
}

/** What keeps one file from being read (its mode, a bad disk) keeps no other. */
async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DataError) throw new InputError("unreadable", error.message, { cause: error });
    throw error;
  }
}
