// Shared vocabulary of the layers: plain data, no behaviour.

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A stretch of media time in seconds from the first frame of the video; the end is not included. */
export interface Span {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Coefficients that turn YUV into RGB: ITU-R BT.601, BT.709, BT.2020 (not constant), SMPTE 240M, FCC (1953). */
export type ColorMatrix = "bt601" | "bt709" | "bt2020" | "smpte240m" | "fcc";
/** At 8 bits. Limited: luma 16..235, chroma 16..240. Full: 0..255. */
export type ColorRange = "limited" | "full";
/** How codes stand for light: high dynamic range by SMPTE ST 2084 (PQ) or ARIB STD-B67 (HLG), or anything else. */
export type ColorTransfer = "sdr" | "pq" | "hlg";

/** All of a decoded picture but its samples. What is left out has the value of the most common video. */
export interface FrameFormat {
  readonly width: number;
  readonly height: number;
  /** Of no effect on RGB and gray. */
  readonly matrix: ColorMatrix;
  readonly range: ColorRange;
  /** ffmpeg's name of a format that `pixelLayout` knows. Default: yuv420p. */
  readonly pixelFormat?: string;
  /** Place of the first chroma sample in units of luma samples. Default: level with the first column, between rows. */
  readonly chromaSite?: readonly [x: number, y: number];
  /** Default: sdr. PQ and HLG are shown in SDR, and their primaries taken as those of BT.2020. */
  readonly transfer?: ColorTransfer;
  /** Width of a pixel over its height. Default: 1. */
  readonly pixelAspect?: number;
}

/** One decoded frame, upright (rotation already applied): YUV, gray or RGB. */
export interface YuvFrame extends FrameFormat {
  /** Planes in the order of the pixel format, tightly packed; samples above 8 bits are little-endian words. */
  readonly data: Uint8Array;
}

/** What is asked of a GPU: a real one, a software adapter, or the best there is. */
export type DevicePreference = "auto" | "gpu" | "software";

/** Called with one line meant for a person. */
export type Log = (level: "debug" | "info" | "warn" | "error", message: string) => void;
