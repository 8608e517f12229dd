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

/** Coefficients that turn YUV into RGB. */
export type ColorMatrix = "bt601" | "bt709";
/** Limited: luma 16..235, chroma 16..240. Full: 0..255. */
export type ColorRange = "limited" | "full";

/** One decoded frame, upright (rotation already applied), 8 bits, planar 4:2:0. */
export interface YuvFrame {
  readonly width: number;
  readonly height: number;
  readonly matrix: ColorMatrix;
  readonly range: ColorRange;
  /** Y (width x height), then U and V (ceil(width/2) x ceil(height/2) each), tightly packed. */
  readonly data: Uint8Array;
}

/** What is asked of a GPU: a real one, a software adapter, or the best there is. */
export type DevicePreference = "auto" | "gpu" | "software";

/** Called with one line meant for a person. */
export type Log = (level: "debug" | "info" | "warn" | "error", message: string) => void;
