// What engines share of a scan: the ffmpeg command that gives every frame small and as RGB, and the reading of its ticks.
// A tick leads to the frame of `frameTimes` that is shown nearest to it, so that a cut found between scanned frames is a
// time at which a split begins with exactly that frame.
import { InputError } from "../errors.ts";
import { clockFilters, inputArguments, labelFilters } from "./decode_arguments.ts";
import type { ScannedFrame, ScanReport, ScanRequest, SourceStream, VideoInfo } from "./engine.ts";
import { nearestFrame } from "./frame_span.ts";
import { packRgb } from "./packed_rgb.ts";
import { crashError, diskFailure, firstLine, lastLine, type NamedPath } from "./probe_failure.ts";

/** Where the process writes: names of files, or "pipe:<n>". */
export interface ScanTargets {
  readonly frames: string;
  /** Ticks of the frames. */
  readonly frameLabels: string;
  /** Printed while it works, or null. */
  readonly progress: string | null;
}

/** A stretch of a video: frames whose tick is at least `startTick` and below `endTick`. */
export interface TickRange {
  readonly startTick: number;
  readonly endTick: number;
}

export interface ScanCommand {
  readonly path: string;
  readonly request: ScanRequest;
  readonly stream: SourceStream;
  readonly targets: ScanTargets;
  readonly maxPixels: number;
  /** Only these frames. Default: all. */
  readonly part?: TickRange;
}

export function scanArguments({ path, request, stream, targets, maxPixels, part }: ScanCommand): string[] {
  const { info } = request;
  const filters = [
    ...clockFilters(stream),
    ...(part === undefined ? [] : [`trim=start_pts=${part.startTick}:end_pts=${part.endTick}`]),
    ...labelFilters("scan", targets.frameLabels),
    ...scaleFilters(request),
  ];
  return [
    ...inputArguments(path, stream, info, targets.progress, maxPixels),
    ...["-map", `0:${stream.videoStream}`, "-vf", filters.join(",")],
    ...["-fps_mode", "passthrough", "-enc_time_base", stream.timeBase.join(":")],
    ...["-f", "rawvideo", targets.frames],
  ];
}

function scaleFilters({ width, height, scaler = "bilinear" }: ScanRequest): string[] {
  if (scaler !== "nearest") return [`scale=${width}:${height}:flags=${scaler}`, "format=rgb24"];
  // Planes of full size, packed by the session.
  return [`scale=${width}:${height}:flags=neighbor:out_range=limited`, "format=yuv444p"];
}

/** Bytes of one scanned frame. */
export function scanFrameBytes({ width, height }: ScanRequest): number {
  return 3 * width * height;
}

/** How a run of ffmpeg ended. */
export interface ScanEnd {
  readonly succeeded: boolean;
  /** What ended it from outside, or null. */
  readonly signal: string | null;
  readonly errorText: string;
  readonly errorCount: number;
}

/** Frames of one scan on their way to the receiver. */
export class ScanSession {
  readonly #info: VideoInfo;
  readonly #packs: boolean;
  readonly #secondsPerTick: number;
  readonly #onFrame: (frame: ScannedFrame) => Promise<void>;
  #last = -1;

  constructor(
    { info, scaler }: Pick<ScanRequest, "info" | "scaler">,
    { timeBase: [numerator, denominator] }: SourceStream,
    onFrame: (frame: ScannedFrame) => Promise<void>,
  ) {
    this.#info = info;
    this.#packs = scaler === "nearest";
    this.#secondsPerTick = numerator / denominator;
    this.#onFrame = onFrame;
  }

  /**
   * Takes the next frame, shown at `tick`. Of frames that stand for the same one, the first is given: also when a run that
   * broke off is repeated from the start.
   */
  async push(tick: number, pixels: Uint8Array): Promise<void> {
    const { frameTimes, matrix } = this.#info;
    const index = nearestFrame(frameTimes, tick * this.#secondsPerTick);
    if (index <= this.#last) return;
    this.#last = index;
    const rgb = this.#packs ? packRgb(pixels, matrix) : pixels;
    await this.#onFrame({ index, timeSeconds: frameTimes[index]!, rgb });
  }

  /**
   * @throws InputError ffmpeg-crashed, unreadable, or decode-failed when ffmpeg failed or gave no frame.
   */
  finish({ succeeded, signal, errorText, errorCount }: ScanEnd, { name, path }: NamedPath): ScanReport {
    if (signal !== null) throw crashError(signal, name);
    const diskError = diskFailure(errorText, name);
    if (diskError !== undefined) throw diskError;
    if (this.#last < 0) {
      throw new InputError(
        "decode-failed",
        `Cannot decode a video as none of its frames is whole: ${name} (${firstLine(errorText, path)})`,
      );
    }
    if (!succeeded) {
      throw new InputError(
        "decode-failed",
        `Cannot decode a video to its end as ffmpeg failed: ${name} (${lastLine(errorText, path)})`,
      );
    }
    return { decodeErrors: errorCount };
  }
}
