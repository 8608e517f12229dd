// The media engine: the only door to ffmpeg (native, wasm) and WebCodecs. One decode of a video yields its clips and
// the sampled frames. Times are seconds from the first frame shown; frame indices count in display order.

import type { ColorMatrix, ColorRange, Span, YuvFrame } from "../types.ts";
import type { FrameRange } from "./frame_span.ts";
import type { KeyFrames } from "./key_frames.ts";
import type { PictureFormat } from "./picture_format.ts";

/** Where the bytes of a video are: a file of this machine, a Blob (a File that a user picked), or bytes in memory. */
export type MediaSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "blob"; readonly blob: Blob; readonly name: string }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly name: string };

/** How a later decode meets the same frames again: the chosen streams and the clock that `frameTimes` came from. */
export interface SourceStream {
  readonly videoStream: number;
  readonly audioStream: number | null;
  readonly audioSampleRate: number | null;
  /** Seconds per tick of the video stream's clock, as a fraction. */
  readonly timeBase: readonly [numerator: number, denominator: number];
  /** Presentation time of the first frame on the container's clock, seconds. */
  readonly startSeconds: number;
  /** True where packets carry no times, or the clock starts anew: frame i is then shown at i / frameRate. */
  readonly timesFromRate: boolean;
  /** Whether the clock starts anew within the video, as where recordings were joined. */
  readonly clockRestarts: boolean;
  /** What sampled frames look like. */
  readonly picture: PictureFormat;
  /** Whether a seek leads to the key frame that was asked for, or one before it. */
  readonly seekable: boolean;
}

/** What is known of a video before decoding: from its header and from one pass over its packets. */
export interface VideoInfo {
  /** Size of an upright frame: rotation applied, sample aspect ratio not. */
  readonly width: number;
  readonly height: number;
  /** Clockwise turn that the container asks for: 0, 90, 180 or 270. */
  readonly rotationDegrees: number;
  /** Average frames per second. */
  readonly frameRate: number;
  /** Frames counted from packets, not guessed from the duration. */
  readonly frameCount: number;
  readonly durationSeconds: number;
  readonly videoCodec: string;
  readonly pixelFormat: string;
  readonly audioCodec: string | null;
  readonly bitRate: number | null;
  readonly matrix: ColorMatrix;
  readonly range: ColorRange;
  /** Presentation time of each frame in display order, seconds, the first is 0. Length `frameCount`. */
  readonly frameTimes: Float64Array;
  /** What reading its packets gave cause to complain of, as where a file was cut off; absent where nothing did. */
  readonly complaints?: Complaints;
  /** Where decoding can begin; absent where `timesFromRate` is true. */
  readonly keyFrames?: KeyFrames;
  /** Given by engines that decode with ffmpeg; a split without it looks at the packets again. */
  readonly stream?: SourceStream;
}

export interface Complaints {
  readonly count: number;
  /** The first of them. */
  readonly first: string;
}

/** What an encoded clip holds, read back from the clip itself. */
export interface ClipInfo {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly frameCount: number;
  readonly durationSeconds: number;
  readonly videoCodec: string;
  readonly audioCodec: string | null;
  readonly sizeBytes: number;
}

/** One encoded clip, readable until the sink's promise settles. */
export interface EncodedClip {
  /** Index into the spans of the request. */
  readonly index: number;
  readonly info: ClipInfo;
  read(): AsyncIterable<Uint8Array>;
}

/** One sampled frame: `sample` counts within the clip's sampled frames. */
export interface SampledFrame {
  readonly clip: number;
  readonly sample: number;
  readonly frame: YuvFrame;
}

/** Small gray frames that one decode yields besides: for looking at motion, say. */
export interface GrayFramesRequest {
  /** Every frame is brought to this size, its aspect ratio not kept. */
  readonly width: number;
  readonly height: number;
  /** For each span, display-order frame indices (ascending, repeats allowed). */
  readonly frames: readonly (readonly number[])[];
}

/** One gray frame: `sample` counts within the frames asked of its clip. */
export interface GrayFrame {
  readonly clip: number;
  readonly sample: number;
  /** width x height, 8 bits, full range. Not to be written to: samples of the same frame share it. */
  readonly data: Uint8Array;
}

/** Animated WebP pictures that one decode yields besides: for looking through clips. */
export interface PreviewsRequest {
  /** How many frames of the video are shown per second of it. */
  readonly framesPerSecond: number;
  /** Pixels. A lower video keeps its height; the aspect ratio is that of the picture as it is shown. */
  readonly height: number;
  /** For each span, its windows: ranges of frames counted from the clip's first, ascending, not overlapping. */
  readonly windows: readonly (readonly FrameRange[])[];
}

/** One preview: `window` counts within the windows asked of its clip. */
export interface Preview {
  readonly clip: number;
  readonly window: number;
  /** A whole WebP file. */
  readonly data: Uint8Array;
}

export interface SplitRequest {
  readonly source: MediaSource;
  readonly info: VideoInfo;
  /** In ascending order, not overlapping; gaps are allowed. */
  readonly spans: readonly Span[];
  /**
   * Name of a video encoder that `encoders` returned; "copy" to cut without encoding, spans beginning at
   * `info.keyFrames.entries` then; or null to write no clips.
   */
  readonly encoder: string | null;
  /** Threads for the encoder; 0 lets the encoder choose. */
  readonly encoderThreads: number;
  /** For each span, the display-order frame indices to deliver (ascending, repeats allowed). Empty: no frames. */
  readonly sampleFrames: readonly (readonly number[])[];
  /**
   * Whether all of these, and all of `grayFrames`, are key frames (`info.keyFrames.all`), so that the decoder may pass over the
   * others. Default false.
   */
  readonly keyFramesOnly?: boolean;
  /** Default: none. */
  readonly grayFrames?: GrayFramesRequest | undefined;
  /** Default: none. Only for engines whose `encoders` say that "libwebp" works. */
  readonly previews?: PreviewsRequest | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Receivers of what one decode yields. The engine waits for each promise: that is the back-pressure, save for clips that ffmpeg
 * has finished meanwhile, which wait as files of the temporary folder. At most one call of
 * each receiver is under way at a time; a clip and a frame may be. A receiver must not wait for another call of the engine:
 * one in a worker works a call at a time.
 */
export interface SplitSinks {
  /** Clips come in ascending order of their index. */
  onClip(clip: EncodedClip): Promise<void>;
  /** Frames come in order of clip, then sample. */
  onFrame(frame: SampledFrame): Promise<void>;
  /**
   * Gray frames come in order of clip, then sample. One that the decoder lost is left out: no other takes its place, since
   * what is compared with its neighbour must be that neighbour.
   */
  onGrayFrame?(frame: GrayFrame): Promise<void>;
  /** Previews come in order of clip, then window. One whose frames damage took is left out. */
  onPreview?(preview: Preview): Promise<void>;
}

export interface SplitReport {
  /** Complaints of the decoder that did not stop it. */
  readonly decodeErrors: number;
  /** The first of these, or null. */
  readonly complaint: string | null;
  /**
   * Spans that yielded no frame at all (the media ended before them): no clip was delivered for these, save with "copy",
   * where one may have been before the frames that were asked of it turned out not to decode.
   */
  readonly emptySpans: readonly number[];
  /** What was altered on the way, one sentence each ("audio re-encoded to AAC as mp4 cannot hold pcm_s16le"). */
  readonly notes: readonly string[];
}

export interface ScanRequest {
  readonly source: MediaSource;
  readonly info: VideoInfo;
  /** Size that upright frames are scaled to, whatever their shape. */
  readonly width: number;
  readonly height: number;
  /**
   * How ffmpeg changes the size. "nearest" takes single pixels, converted by the same arithmetic everywhere; the others
   * weigh every pixel, and leave the conversion to ffmpeg. Default "bilinear".
   */
  readonly scaler?: "bilinear" | "area" | "bicubic" | "nearest";
  readonly signal?: AbortSignal;
}

/** One frame of a scan. */
export interface ScannedFrame {
  /** Index into the video's `frameTimes`: ascending, with gaps where damage took frames. */
  readonly index: number;
  /** `frameTimes[index]`: a span that begins there begins with this frame. */
  readonly timeSeconds: number;
  /** Rows of red, green, blue of 8 bits each, tightly packed. The receiver's to keep. */
  readonly rgb: Uint8Array;
}

export interface ScanReport {
  /** Complaints of the decoder that did not stop it. */
  readonly decodeErrors: number;
}

export interface EncoderInfo {
  readonly name: string;
  /** Whether a few frames were really encoded with it on this machine. */
  readonly works: boolean;
  readonly reason?: string;
}

export interface MediaEngine {
  /** "ffmpeg 5.1.9" or "@ffmpeg/core 0.12.10 (wasm)". */
  readonly version: string;
  /** Encoders to try, best first, where none was asked for by name. Default: those of ffmpeg. */
  readonly autoEncoders?: readonly string[];
  /** Header and packet times of a video. Rejects with InputError and a stable reason. */
  probe(source: MediaSource, signal?: AbortSignal): Promise<VideoInfo>;
  split(request: SplitRequest, sinks: SplitSinks): Promise<SplitReport>;
  /**
   * Decodes a whole video and gives each frame, small, in display order. Waits for each promise of `onFrame`, which
   * is held to what SplitSinks says. Rejects with InputError decode-failed where not one frame could be decoded, or with what
   * `onFrame` rejected with.
   */
  scan(request: ScanRequest, onFrame: (frame: ScannedFrame) => Promise<void>): Promise<ScanReport>;
  /** Tries each named encoder with a few generated frames. */
  encoders(names: readonly string[]): Promise<readonly EncoderInfo[]>;
}
