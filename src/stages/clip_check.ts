// Decodes a written clip back, whole, as --strict asks for: what its sample tables say is then seen to be true. An encoded clip
// that fails is the encoder's fault, a copied one the source's. Messages name the source: the clip does not outlive them.
import { InputError, type ReasonCode } from "../errors.ts";
import type { ClipInfo, MediaEngine, MediaSource } from "../media/engine.ts";
import type { Span } from "../types.ts";
import { nothingMade } from "./split_summary.ts";

/** The frames are only counted. */
const SIDE = 16;

/** How an engine says that it finds nothing to decode in a clip. */
const nothingWhole = new Set<ReasonCode>([
  "decode-failed",
  "no-frames",
  "no-video-stream",
  "not-a-video",
  "incomplete-metadata",
]);

export interface CheckedClip {
  readonly info: ClipInfo;
  /** What it was cut from. */
  readonly video: string;
  readonly span: Span;
  /** Whether it holds the packets of the video. */
  readonly copied: boolean;
}

/** Rejects with InputError decode-errors. */
export async function requireWholeClip(
  engine: MediaEngine,
  source: MediaSource,
  { info: written, video, span, copied }: CheckedClip,
  signal: AbortSignal,
): Promise<void> {
  const { width, height, frames, decodeErrors, cause } = await decodedBack(engine, source, signal);
  const found = `${frames} frames of ${width}x${height}`;
  const said = `${written.frameCount} frames of ${written.width}x${written.height}`;
  if (decodeErrors === 0 && found === said) return;
  const why =
    frames === 0
      ? "none of its frames decodes"
      : found === said
        ? `its decoder complained (${decodeErrors} times)`
        : `it should have ${said} and decodes to ${found}`;
  const place = `${span.startSeconds.toFixed(3)} to ${span.endSeconds.toFixed(3)} s of ${video}`;
  const remedy = copied
    ? "Get an undamaged copy, or leave --strict out to keep the clips that decode"
    : "Use another --transcode-encoder, or leave --strict out";
  throw new InputError("decode-errors", `Cannot keep a clip under --strict as ${why}: ${place}. ${remedy}`, {
    cause,
    ...(copied ? { summary: { ...nothingMade, decodeErrors } } : {}),
  });
}

interface DecodedBack {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly decodeErrors: number;
  /** Where it came to nothing. */
  readonly cause?: unknown;
}

async function decodedBack(
  engine: MediaEngine,
  source: MediaSource,
  signal: AbortSignal,
): Promise<DecodedBack> {
  const decoded = { width: 0, height: 0, frames: 0, decodeErrors: 0 };
  const size = { width: SIDE, height: SIDE, scaler: "nearest" } as const;
  try {
    const info = await engine.probe(source, signal);
    Object.assign(decoded, { width: info.width, height: info.height });
    const report = await engine.scan({ source, info, ...size, signal }, async () => {
      decoded.frames++;
    });
    return { ...decoded, decodeErrors: report.decodeErrors };
  } catch (cause) {
    if (!(cause instanceof InputError) || !nothingWhole.has(cause.reason)) throw cause;
    return { ...decoded, decodeErrors: 1, cause };
  }
}

/**
 * Checks clips one after the other, beside the split that writes them and never from within its receivers: an engine that
 * works one call at a time would wait for itself.
 */
export class ClipChecks {
  readonly #engine: MediaEngine;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #last: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(engine: MediaEngine, signal: AbortSignal) {
    this.#engine = engine;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  /** Puts a clip in line. Rejects where an earlier one has failed, so that the split ends. */
  async add(open: () => Promise<MediaSource>, written: CheckedClip): Promise<void> {
    if (this.#hasFailed) return await this.#last;
    this.#last = this.#last.then(async () =>
      requireWholeClip(this.#engine, await open(), written, this.#signal),
    );
    this.#last.catch(() => {
      this.#hasFailed = true;
    });
  }

  /** Rejects with the first failure. */
  finish(): Promise<void> {
    return this.#last;
  }

  /** Resolves once no clip is being read any more; those in line are not checked. */
  async abandon(): Promise<void> {
    this.#stop.abort();
    await this.#last.catch(() => undefined);
  }
}
