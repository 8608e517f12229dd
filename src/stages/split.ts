// SplitStage: videos to clips, metadata and embeddings. One unit for each video, worked by split_video.ts; here are the
// options, the list of units and what makes a unit's results stale.
import { DataError, InputError } from "../errors.ts";
import type { Storage, StoredObject } from "../io/storage.ts";
import { DEFAULT_MAX_CLIPS_PER_VIDEO } from "../limits.ts";
import type { JsonValue } from "../types.ts";
import { decisiveOptions, type SplittingOptions, spanPlannerOf } from "../video/span_planners.ts";
import { type PreviewOptions, previewDefaults } from "./clip_previews.ts";
import { digestSamples, digestValue } from "./fingerprint.ts";
import { type MotionFilterOptions, motionFilterDefaults } from "./motion_filter.ts";
import { nothingMade, type SplitSummary } from "./split_summary.ts";
import { planVideo, splitVideo, type VideoJob } from "./split_video.ts";
import type { Stage, StageContext, StageDescription, Unit, UnitOutcome } from "./stage.ts";
import { openVideoFolder, type Refusal, type VideoFolder } from "./video_folder.ts";
import { WorkSlots } from "./work_slots.ts";

export interface SplitStageOptions extends SplittingOptions, MotionFilterOptions, PreviewOptions {
  /** Folder of videos, searched at any depth, or one video file. */
  readonly videoDir: string;
  readonly outputPath: string;
  /** Work at most this many videos, in order of their paths. Default: all. */
  readonly videoLimit?: number | undefined;
  /** Video encoder of ffmpeg, or "auto" for the best that works. Default "auto". */
  readonly transcodeEncoder?: string;
  /** Threads of the encoder; 0 lets it choose. Default 0. */
  readonly transcodeEncoderThreads?: number;
  /** Whether clips are written as mp4 files. Default true. */
  readonly uploadClips?: boolean;
  /** Whether clips are embedded. Default true. */
  readonly generateEmbeddings?: boolean;
  /** Frames that embeddings see: of any kind, or key frames alone, which decode faster. Default "all". */
  readonly frameSource?: "all" | "keyframes";
  /** Clips of 8 seconds that one metadata chunk holds. Default 32. */
  readonly clipReChunkSize?: number;
  /** Whether a video fails at the first complaint of its decoder, and each clip is decoded back. Default false: the clips that decode are kept. */
  readonly strict?: boolean;
  /** A video that would give more clips fails. Default 20,000. */
  readonly maxClipsPerVideo?: number;
  /** A longer video is decoded in parts of at most so many seconds, side by side. Default 60. */
  readonly partSeconds?: number;
  /** Decodes that run side by side, of parts and of videos. Default 2. */
  readonly concurrency?: number;
  /** Plan only; write nothing. Default false. */
  readonly dryRun?: boolean;
}

/** The options of a stage with their defaults filled in; those of the splitting algorithm are for its planner to read. */
export interface SplitSettings
  extends Required<Omit<SplitStageOptions, Exclude<keyof SplittingOptions, "limitClips" | "compat">>> {
  readonly splitting: SplittingOptions;
}

const methodVersion = "split-2";

export class SplitStage implements Stage {
  readonly name = "split";
  readonly noun = "videos";
  readonly maxConcurrency = 64;
  readonly guardsOutput = true;
  readonly outputPath: string;
  readonly dryRun: boolean;
  readonly #options: SplitSettings;
  readonly #slots: WorkSlots;
  #folder: VideoFolder | undefined;

  constructor(options: SplitStageOptions) {
    this.#options = {
      videoDir: options.videoDir,
      outputPath: options.outputPath,
      videoLimit: options.videoLimit,
      splitting: options,
      limitClips: options.limitClips ?? 0,
      transcodeEncoder: options.transcodeEncoder ?? "auto",
      transcodeEncoderThreads: options.transcodeEncoderThreads ?? 0,
      uploadClips: options.uploadClips ?? true,
      generateEmbeddings: options.generateEmbeddings ?? true,
      frameSource: options.frameSource ?? "all",
      clipReChunkSize: options.clipReChunkSize ?? 32,
      motionFilter: options.motionFilter ?? motionFilterDefaults.motionFilter,
      motionGlobalMeanThreshold:
        options.motionGlobalMeanThreshold ?? motionFilterDefaults.motionGlobalMeanThreshold,
      motionPerPatchMin256Threshold:
        options.motionPerPatchMin256Threshold ?? motionFilterDefaults.motionPerPatchMin256Threshold,
      motionDecodeTargetFps: options.motionDecodeTargetFps ?? motionFilterDefaults.motionDecodeTargetFps,
      motionDecodeTargetDurationRatio:
        options.motionDecodeTargetDurationRatio ?? motionFilterDefaults.motionDecodeTargetDurationRatio,
      generatePreviews: options.generatePreviews ?? previewDefaults.generatePreviews,
      previewTargetFps: options.previewTargetFps ?? previewDefaults.previewTargetFps,
      previewTargetHeight: options.previewTargetHeight ?? previewDefaults.previewTargetHeight,
      compat: options.compat ?? "none",
      strict: options.strict ?? false,
      maxClipsPerVideo: options.maxClipsPerVideo ?? DEFAULT_MAX_CLIPS_PER_VIDEO,
      partSeconds: options.partSeconds ?? 60,
      concurrency: options.concurrency ?? 2,
      dryRun: options.dryRun ?? false,
    };
    this.#slots = new WorkSlots(this.#options.concurrency);
    this.outputPath = options.outputPath;
    this.dryRun = this.#options.dryRun;
  }

  describe(): StageDescription {
    const { videoDir, outputPath, dryRun, splitting, concurrency, ...others } = this.#options;
    const options = { ...others, ...decisiveOptions(splitting) };
    const writes = dryRun
      ? "nothing (dry run)"
      : `${outputPath}/{clips,filtered_clips,metas,previews,*_embd_parquet,processed_videos,processed_clip_chunks}`;
    return { name: this.name, reads: videoDir, writes, options: withoutUndefined(options) };
  }

  async units(context: StageContext): Promise<readonly Unit[]> {
    // A limit decides whether a video is worked, not what comes of it: raising one redoes nothing.
    const {
      videoDir,
      outputPath,
      videoLimit,
      dryRun,
      splitting,
      maxClipsPerVideo,
      concurrency,
      ...decisive
    } = this.#options;
    this.#folder = await openVideoFolder(context, videoDir, outputPath);
    // What lacks (a model's weights) or makes no sense is met here, before the first video is opened.
    const splittingOptions = decisiveOptions(splitting);
    const model = decisive.generateEmbeddings ? (await context.model()).spec : null;
    const shots = spanPlannerOf(splitting).usesShotModel ? [(await context.shotModelFiles()).spec] : [];
    const options = await digestValue([
      methodVersion,
      { ...withoutUndefined(decisive), ...splittingOptions },
      model as unknown as JsonValue,
      ...(shots as unknown as JsonValue[]),
    ]);
    const units: Unit[] = [];
    for (const video of this.#folder.videos.slice(0, videoLimit)) {
      // A dry run leaves no results that could be stale.
      const { path: key, refusal } = video;
      const content = dryRun || refusal !== undefined ? "" : await contentOf(this.#folder.storage, video);
      const fingerprint = await digestValue([options, content]);
      units.push({ key, fingerprint, payload: refusal === undefined ? null : { ...refusal } });
    }
    return units;
  }

  async process(unit: Unit, context: StageContext): Promise<UnitOutcome> {
    if (unit.payload !== null) {
      const { reason, message, skipped } = unit.payload as unknown as Refusal;
      throw new InputError(reason, message, { skipped });
    }
    const job: VideoJob = {
      path: unit.key,
      videos: this.#videos(context),
      options: this.#options,
      slots: this.#slots,
    };
    const plan = await planVideo(job, context);
    if (this.dryRun) {
      const clipSeconds = plan.clips.reduce((sum, { span }) => sum + span.endSeconds - span.startSeconds, 0);
      const clips = `${plan.clips.length} ${plan.clips.length === 1 ? "clip" : "clips"}`;
      context.log("info", `${unit.key}: ${clips}, ${clipSeconds.toFixed(1)} s`);
      const summary: SplitSummary = { ...nothingMade, clips: plan.clips.length, clipSeconds };
      return { outputs: [], summary: { ...summary } };
    }
    const { outputs, summary } = await splitVideo(job, plan, context.openStorage(this.outputPath), context);
    for (const note of summary.notes) context.log("info", `${unit.key}: ${note}`);
    return { outputs, summary: { ...summary } };
  }

  #videos(context: StageContext): Storage {
    return this.#folder?.storage ?? context.openStorage(this.#options.videoDir);
  }
}

/** A file that cannot be read has no content to tell apart: its probe says why, and the others go on. */
async function contentOf(storage: Storage, video: StoredObject): Promise<string> {
  return await digestSamples(storage, video).catch((error: unknown) => {
    if (error instanceof DataError) return "unreadable";
    throw error;
  });
}

function withoutUndefined(
  options: Readonly<Record<string, JsonValue | undefined>>,
): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
