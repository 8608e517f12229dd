// How an algorithm that cuts videos into spans is called: the same for one that needs only the length and for those that
// look at every frame. An algorithm names the options that decide its spans, so that others make no result stale.
import type { GpuContext } from "../gpu/context.ts";
import type { MediaEngine, MediaSource, VideoInfo } from "../media/engine.ts";
import type { FrameRange } from "../media/frame_span.ts";
import type { JsonValue, Span } from "../types.ts";
import type { ShotModel } from "./shot_model.ts";

/** A video and what there is to look at it with. */
export interface VideoToCut {
  readonly source: MediaSource;
  readonly info: VideoInfo;
  readonly engine: MediaEngine;
  /** Opened when first asked for. */
  gpu(): Promise<GpuContext>;
  /** Loaded when first asked for. */
  shotModel(): Promise<ShotModel>;
  /** Told as frames are looked at how many were, of about `info.frameCount`. */
  readonly onFrames?: (frames: number) => void;
  readonly signal: AbortSignal;
}

/** Where an algorithm saw a cut. */
export interface SceneCut {
  /** The first frame of the new scene, in display order. */
  readonly frame: number;
  /** When it is shown. */
  readonly seconds: number;
  /** On the scale of the algorithm's threshold. */
  readonly score: number;
}

export interface SpanPlan {
  /** In ascending order, not overlapping. Each holds a frame. */
  readonly spans: readonly Span[];
  /** One for each span, where the algorithm counts frames: these numbers enter the ids, and not those of the times. */
  readonly frames?: readonly FrameRange[];
  /** For algorithms that look for cuts. */
  readonly cuts?: readonly SceneCut[];
}

export interface SpanPlanner<Options> {
  /** Whether it asks for `shotModel`, which is then looked for before any video is opened. Default false. */
  readonly usesShotModel?: boolean;
  /**
   * The options that decide the spans, defaults filled in.
   * @throws UsageError where they make no sense.
   */
  decisive(options: Options): Readonly<Record<string, JsonValue>>;
  /**
   * Rejects with InputError where the video cannot be decoded or has too many spans, UsageError where options make no
   * sense, and with errors of the engine and the GPU.
   */
  plan(video: VideoToCut, options: Options): Promise<SpanPlan>;
  /** The shortest clip that it makes, and the flag that allows shorter ones. */
  shortest(options: Options): { readonly seconds: number; readonly flag: string };
}
