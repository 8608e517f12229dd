// Two engines as one: the first reads what it can, and videos that it cannot read go to the second, whole. Which of them
// probed a video is remembered by its frame times, which every copy of a VideoInfo shares.
import { InputError, type ReasonCode } from "../errors.ts";
import type {
  EncoderInfo,
  MediaEngine,
  MediaSource,
  ScannedFrame,
  ScanReport,
  ScanRequest,
  SplitReport,
  SplitRequest,
  SplitSinks,
  VideoInfo,
} from "./engine.ts";

/** Reasons that another engine may not share: a container or a codec that is not known. */
const WORTH_A_SECOND_TRY: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  "not-a-video",
  "incomplete-metadata",
  "no-video-stream",
  "decode-failed",
]);

export interface FallbackOptions {
  readonly first: MediaEngine;
  readonly second: MediaEngine;
  /** The second engine's encoder for each of the first: the one chosen for a run serves all its videos. */
  readonly encoderTwins: Readonly<Record<string, string>>;
}

export class EngineWithFallback implements MediaEngine {
  readonly version: string;
  readonly autoEncoders?: readonly string[];
  readonly #options: FallbackOptions;
  readonly #ofSecond = new WeakSet<Float64Array>();

  constructor(options: FallbackOptions) {
    const { first, second } = options;
    this.#options = options;
    this.version = `${first.version}, else ${second.version}`;
    if (first.autoEncoders !== undefined) this.autoEncoders = first.autoEncoders;
  }

  async probe(source: MediaSource, signal?: AbortSignal): Promise<VideoInfo> {
    const { first, second } = this.#options;
    try {
      return await first.probe(source, signal);
    } catch (error) {
      if (!(error instanceof InputError && WORTH_A_SECOND_TRY.has(error.reason))) throw error;
      const info = await second.probe(source, signal);
      this.#ofSecond.add(info.frameTimes);
      return info;
    }
  }

  async split(request: SplitRequest, sinks: SplitSinks): Promise<SplitReport> {
    const { first, second, encoderTwins } = this.#options;
    if (!this.#ofSecond.has(request.info.frameTimes)) return await first.split(request, sinks);
    const { encoder } = request;
    const twin = encoder === null ? null : (encoderTwins[encoder] ?? encoder);
    return await second.split({ ...request, encoder: twin }, sinks);
  }

  async scan(request: ScanRequest, onFrame: (frame: ScannedFrame) => Promise<void>): Promise<ScanReport> {
    const { first, second } = this.#options;
    return await (this.#ofSecond.has(request.info.frameTimes) ? second : first).scan(request, onFrame);
  }

  encoders(names: readonly string[]): Promise<readonly EncoderInfo[]> {
    return this.#options.first.encoders(names);
  }
}
