// Every error a user may meet. Grammar: "Cannot <do> as <why>: <current value>", then the remedy.
// A ClipsieveError is expected: its message is for a person and needs no stack trace. Anything else is our bug.
import type { JsonValue } from "./types.ts";

/** An expected failure whose message says what could not be done, why, the value met, and the remedy. */
export class ClipsieveError extends Error {
  override name = "ClipsieveError";
}

/** A wrong option or argument. The command line ends with exit code 2. */
export class UsageError extends ClipsieveError {
  override name = "UsageError";
}

/** No usable GPU adapter, or the adapter lacks something that is needed. */
export class DeviceUnavailableError extends ClipsieveError {
  override name = "DeviceUnavailableError";
}

/** The GPU device went away while work was under way. */
export class DeviceLostError extends ClipsieveError {
  override name = "DeviceLostError";
}

/** A shader or a dispatch that the device refused: a bug of ours or of the driver. */
export class GpuValidationError extends ClipsieveError {
  override name = "GpuValidationError";
}

/** ffmpeg is missing, too old, or lacks what was asked of it. */
export class MediaEngineError extends ClipsieveError {
  override name = "MediaEngineError";
}

/** A model folder, spec or ONNX file that cannot be used. */
export class ModelError extends ClipsieveError {
  override name = "ModelError";
}

/** A table (Parquet, JSONL, tar) whose content cannot be used. */
export class DataError extends ClipsieveError {
  override name = "DataError";
}

/**
 * Stable codes that `run.json` carries for an input that was skipped or failed. docs/reasons.md says what each means and
 * what to do.
 */
export const reasonCodes = [
  "unreadable",
  "not-a-file",
  "broken-link",
  "name-not-utf8",
  "empty-file",
  "not-a-video",
  "playlist",
  "picture",
  "no-video-stream",
  "incomplete-metadata",
  "encrypted",
  "too-short",
  "no-frames",
  "decode-failed",
  "decode-errors",
  "encode-failed",
  "copy-failed",
  "embed-failed",
  "ffmpeg-crashed",
  "limit-pixels",
  "limit-frames",
  "limit-clips",
  "limit-bytes",
  "timeout",
  "interrupted",
  "internal",
] as const;

export type ReasonCode = (typeof reasonCodes)[number];

/** One input (a video, a cluster) that cannot be worked. The run goes on without it. */
export class InputError extends ClipsieveError {
  override name = "InputError";
  readonly reason: ReasonCode;
  /** Whether the input is passed over as unfit (too short, no video) rather than failed. */
  readonly skipped: boolean;
  /** Figures for the run record, as a finished unit has them, or null. */
  readonly summary: JsonValue;

  constructor(
    reason: ReasonCode,
    message: string,
    options: { cause?: unknown; skipped?: boolean; summary?: JsonValue } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.skipped = options.skipped ?? false;
    this.summary = options.summary ?? null;
  }
}

/** The work was stopped on request (Ctrl-C, AbortSignal). The command line ends with exit code 130. */
export class InterruptedError extends ClipsieveError {
  override name = "InterruptedError";
}

/** Throws when an assumption of our own does not hold. The message is for us, not for users. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}
