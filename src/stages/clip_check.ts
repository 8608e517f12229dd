// Decodes a written clip back, whole, as --strict asks for: what its sample tables say is then seen to be true.
import { InputError } from "../errors.ts";
import type { ClipInfo, MediaEngine, MediaSource } from "../media/engine.ts";

/** The frames are only counted. */
const SIDE = 16;

/** Rejects with InputError decode-errors, or decode-failed where no frame decodes. */
export async function requireWholeClip(
  engine: MediaEngine,
  source: MediaSource,
  written: ClipInfo,
  signal: AbortSignal,
): Promise<void> {
  const info = await engine.probe(source, signal);
  let frames = 0;
  const size = { width: SIDE, height: SIDE, scaler: "nearest" } as const;
  const { decodeErrors } = await engine.scan({ source, info, ...size, signal }, async () => {
    frames++;
  });
  const found = `${frames} frames of ${info.width}x${info.height}`;
  const said = `${written.frameCount} frames of ${written.width}x${written.height}`;
  if (decodeErrors === 0 && found === said) return;
  const why =
    found === said
      ? `its decoder complained (${decodeErrors} times)`
      : `it should have ${said} and decodes to ${found}`;
  const name = source.kind === "file" ? source.path : source.name;
  throw new InputError(
    "decode-errors",
    `Cannot keep a clip under --strict as ${why}: ${name}. Use another --transcode-encoder, or leave --strict out`,
  );
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
  async add(open: () => Promise<MediaSource>, written: ClipInfo): Promise<void> {
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
