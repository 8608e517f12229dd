// The JSON records of a split: one per clip, per video and per chunk of clips, with the keys and key order of NeMo
// Curator's ClipWriterStage, and our own keys behind them. Two things differ for the better: `errors` maps a code to a
// message instead of listing codes, and `valid` says that the clip was written and decodes, captions or not.
import * as v from "valibot";
import { DataError } from "../errors.ts";
import type { ClipInfo, VideoInfo } from "../media/engine.ts";
import type { FrameRange } from "../media/frame_span.ts";
import type { Span } from "../types.ts";
import type { MotionScore } from "./motion_score.ts";
import type { SceneCut } from "./span_planner.ts";

/** Python and JavaScript agree on this layout, but for floats without fraction: 10.0 there, 10 here. */
const INDENT = 4;

/** Frames of the clip, the last included. */
export interface ClipWindow {
  readonly start_frame: number;
  readonly end_frame: number;
}

/** `metas/v0/<id>.json`. The optional keys from `width` on are there when the clip was encoded. */
export interface ClipMetadata {
  readonly span_uuid: string;
  readonly source_video: string;
  /** Seconds from the first frame of the source, [start, end). */
  readonly duration_span: readonly [startSeconds: number, endSeconds: number];
  readonly width_source: number;
  readonly height_source: number;
  readonly framerate_source: number;
  readonly clip_location: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly framerate?: number | undefined;
  readonly num_frames?: number | undefined;
  readonly video_codec?: string | undefined;
  readonly num_bytes?: number | undefined;
  readonly motion_score?: { readonly global_mean: number; readonly per_patch_min_256: number } | undefined;
  readonly errors?: Readonly<Record<string, string>> | undefined;
  /** Windows of which previews are made; none where they are not. */
  readonly windows: readonly ClipWindow[];
  readonly valid: boolean;
  /** Display-order frames of the source, [first, end). */
  readonly source_frame_range: readonly [first: number, end: number];
  /** Where the clip was to lie, when it was cut at key frames elsewhere. */
  readonly planned_span?: readonly [startSeconds: number, endSeconds: number] | undefined;
  /** Of the clip itself, by its sample table: frames last as they do in the source, so it may differ from the span. */
  readonly duration_seconds?: number | undefined;
  readonly audio_codec?: string | null | undefined;
  /** What was altered on the way, one sentence each. */
  readonly notes?: readonly string[] | undefined;
}

export interface ClipRecord {
  readonly id: string;
  /** As it stands in the id: relative to the video folder, or absolute. */
  readonly sourceVideo: string;
  readonly span: Span;
  /** Another span that was asked for. */
  readonly plannedSpan?: Span | undefined;
  readonly frames: FrameRange;
  readonly source: Pick<VideoInfo, "width" | "height" | "frameRate">;
  /** Where the clip's file is, or would be. */
  readonly location: string;
  /** Null when no clip was encoded. */
  readonly clip: ClipInfo | null;
  readonly motion?: MotionScore | null;
  readonly windows?: readonly FrameRange[];
  readonly errors?: Readonly<Record<string, string>>;
  readonly notes?: readonly string[];
  /** Whether to leave the duration of the clip out, of which NeMo Curator's records say nothing. Default false. */
  readonly withoutDuration?: boolean;
}

export function clipMetadata(record: ClipRecord): ClipMetadata {
  const { clip, span, plannedSpan, source, motion = null, windows = [], errors = {}, notes = [] } = record;
  return {
    span_uuid: record.id,
    source_video: record.sourceVideo,
    duration_span: [span.startSeconds, span.endSeconds],
    width_source: source.width,
    height_source: source.height,
    framerate_source: source.frameRate,
    clip_location: record.location,
    ...(clip === null
      ? {}
      : {
          width: clip.width,
          height: clip.height,
          framerate: clip.frameRate,
          num_frames: clip.frameCount,
          video_codec: clip.videoCodec,
          num_bytes: clip.sizeBytes,
        }),
    ...(motion === null
      ? {}
      : { motion_score: { global_mean: motion.globalMean, per_patch_min_256: motion.perPatchMin256 } }),
    ...(Object.keys(errors).length === 0 ? {} : { errors }),
    windows: windows.map(({ first, end }) => ({ start_frame: first, end_frame: end - 1 })),
    valid: clip !== null && clip.frameCount > 0,
    source_frame_range: [record.frames.first, record.frames.end],
    ...(plannedSpan === undefined
      ? {}
      : { planned_span: [plannedSpan.startSeconds, plannedSpan.endSeconds] as const }),
    ...(clip === null || record.withoutDuration === true ? {} : { duration_seconds: clip.durationSeconds }),
    ...(clip === null ? {} : { audio_codec: clip.audioCodec }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** `processed_videos/<relative>.json` */
export interface VideoMetadata {
  readonly video: string;
  readonly height: number;
  readonly width: number;
  readonly framerate: number;
  readonly num_frames: number;
  readonly duration: number;
  readonly video_codec: string;
  readonly pixel_format: string;
  readonly audio_format: string | null;
  readonly num_total_clips: number;
  readonly num_clip_chunks: number;
  /** Clockwise; height and width are those of the upright picture. */
  readonly rotation_degrees: number;
  readonly decode_errors: number;
  readonly notes: readonly string[];
  readonly splitting_algorithm: string;
  /** Where scenes begin, with the score that said so; only of algorithms that look for cuts. */
  readonly scene_cuts?: readonly {
    readonly frame: number;
    readonly seconds: number;
    readonly score: number;
  }[];
}

export interface VideoRecord {
  readonly video: string;
  readonly info: VideoInfo;
  readonly clipCount: number;
  readonly chunkCount: number;
  readonly decodeErrors: number;
  readonly notes: readonly string[];
  readonly splittingAlgorithm: string;
  /** Null where the algorithm does not look for any. */
  readonly cuts: readonly SceneCut[] | null;
}

export function videoMetadata({ info, ...record }: VideoRecord): VideoMetadata {
  return {
    video: record.video,
    height: info.height,
    width: info.width,
    framerate: info.frameRate,
    num_frames: info.frameCount,
    duration: info.durationSeconds,
    video_codec: info.videoCodec,
    pixel_format: info.pixelFormat,
    audio_format: info.audioCodec,
    num_total_clips: record.clipCount,
    num_clip_chunks: record.chunkCount,
    rotation_degrees: info.rotationDegrees,
    decode_errors: record.decodeErrors,
    notes: record.notes,
    splitting_algorithm: record.splittingAlgorithm,
    ...(record.cuts === null ? {} : { scene_cuts: record.cuts }),
  };
}

/** `processed_clip_chunks/<relative>_<n>.json` */
export interface ChunkMetadata {
  readonly video: string;
  readonly clip_chunk_index: number;
  readonly num_clips_filtered_by_motion: number;
  readonly num_clips_filtered_by_aesthetic: number;
  readonly num_clips_passed: number;
  readonly num_clips_transcoded: number;
  readonly num_clips_with_embeddings: number;
  readonly num_clips_with_caption: number;
  readonly num_clips_with_webp: number;
  readonly total_clip_duration: number;
  readonly max_clip_duration: number;
  readonly clips: readonly string[];
  readonly filtered_clips: readonly string[];
  readonly all_windows: Readonly<Record<string, unknown>>;
  readonly all_windows_enhanced_caption: Readonly<Record<string, unknown>>;
}

export interface ChunkRecord {
  readonly video: string;
  readonly chunkIndex: number;
  readonly clips: readonly {
    readonly id: string;
    readonly span: Span;
    readonly transcoded: boolean;
    readonly embedded: boolean;
    /** Whether a preview was written. */
    readonly previewed: boolean;
    /** Whether the motion filter dropped it. */
    readonly filtered: boolean;
  }[];
}

export function chunkMetadata({ video, chunkIndex, clips }: ChunkRecord): ChunkMetadata {
  const passed = clips.filter((clip) => !clip.filtered);
  const filtered = clips.filter((clip) => clip.filtered);
  const durations = clips.map(({ span }) => span.endSeconds - span.startSeconds);
  return {
    video,
    clip_chunk_index: chunkIndex,
    num_clips_filtered_by_motion: filtered.length,
    num_clips_filtered_by_aesthetic: 0,
    num_clips_passed: passed.length,
    num_clips_transcoded: clips.filter((clip) => clip.transcoded).length,
    num_clips_with_embeddings: clips.filter((clip) => clip.embedded).length,
    num_clips_with_caption: 0,
    num_clips_with_webp: clips.filter((clip) => clip.previewed).length,
    total_clip_duration: durations.reduce((sum, seconds) => sum + seconds, 0),
    max_clip_duration: durations.reduce((most, seconds) => Math.max(most, seconds), 0),
    clips: passed.map((clip) => clip.id),
    filtered_clips: filtered.map((clip) => clip.id),
    all_windows: Object.fromEntries(passed.map((clip) => [clip.id, {}])),
    all_windows_enhanced_caption: Object.fromEntries(passed.map((clip) => [clip.id, {}])),
  };
}

/** A record as it lies on disk. */
export function metadataText(metadata: ClipMetadata | VideoMetadata | ChunkMetadata): string {
  return JSON.stringify(metadata, null, INDENT);
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const ClipMetadataJson: v.GenericSchema<unknown, ClipMetadata> = v.looseObject({
  span_uuid: v.pipe(v.string(), v.uuid()),
  source_video: v.string(),
  duration_span: v.tuple([v.number(), v.number()]),
  width_source: v.number(),
  height_source: v.number(),
  framerate_source: v.number(),
  clip_location: v.string(),
  width: v.optional(count),
  height: v.optional(count),
  framerate: v.optional(v.number()),
  num_frames: v.optional(count),
  video_codec: v.optional(v.string()),
  num_bytes: v.optional(count),
  motion_score: v.optional(v.object({ global_mean: v.number(), per_patch_min_256: v.number() })),
  errors: v.optional(v.record(v.string(), v.string())),
  windows: v.array(v.looseObject({ start_frame: count, end_frame: count })),
  valid: v.boolean(),
  source_frame_range: v.tuple([count, count]),
  planned_span: v.optional(v.tuple([v.number(), v.number()])),
  duration_seconds: v.optional(v.number()),
  audio_codec: v.optional(v.nullable(v.string())),
  notes: v.optional(v.array(v.string())),
});

/**
 * @param path of the record, for messages.
 * @throws DataError when the text is not a clip record of ours.
 */
export function parseClipMetadata(text: string, path: string): ClipMetadata {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new DataError(`Cannot read a clip record as it is not JSON: ${path}. Run the split again.`, {
      cause: error,
    });
  }
  const result = v.safeParse(ClipMetadataJson, json);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new DataError(
    `Cannot read a clip record as ${v.getDotPath(issue) ?? "it"} is wrong: ${issue.message} in ${path}. Run the split again.`,
  );
}
