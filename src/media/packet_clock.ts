// Counts the frames of a video and times them from its packets, such as ffprobe prints, one per line. Packets come in
// decoding order; sorted by presentation time they are the frames in display order. The trap: some containers (AVI, raw
// streams) give packets no presentation time, and in joined recordings the clock starts anew: then frames are laid out, as
// they are decoded, by the frame rate.
import { InputError } from "../errors.ts";
import { clockRestarts, rateBetweenRestarts } from "./clock_restarts.ts";
import type { Complaints, VideoInfo } from "./engine.ts";
import { inputUrl } from "./input_guard.ts";
import { findKeyFrames, type KeyFrames } from "./key_frames.ts";
import { encryptedError, type ProbeHeader, probeArguments } from "./probe_header.ts";

/** The clock of frames laid out by the frame rate. */
const RATE_CLOCK: readonly [number, number] = [1, 90_000];
/** Where neither header nor packets tell. */
const DEFAULT_FRAME_RATE = 25;
/** VP8 keeps reference frames that are not shown in packets of their own, at most this far from one that is. */
const HIDDEN_PACKET_SECONDS = 0.001;

/** Arguments for ffprobe that print one line per packet of a stream. */
export function packetArguments(path: string, stream: number, maxPixels: number): string[] {
  const fields = "packet=pts,dts,duration,pos,flags:packet_side_data=side_data_type";
  const entries = ["-show_entries", fields, "-of", "csv=p=0"];
  const level = ["-v", "repeat+level+error"];
  return [...probeArguments(maxPixels, level), "-select_streams", String(stream), ...entries, inputUrl(path)];
}

/** Times of one packet that will be shown, in ticks of the stream's clock; null where the container tells none. */
export interface PacketTicks {
  readonly shown: number | null;
  readonly decoded: number | null;
  readonly duration: number | null;
  /** Whether it decodes without any other. */
  readonly isKey: boolean;
  /** Where it lies in the file, bytes. */
  readonly position?: number | null;
}

export class PacketClock {
  readonly #name: string;
  readonly #maxFrames: number;
  readonly #ticks: number[] = [];
  readonly #decodedTicks: number[] = [];
  #withoutTime = 0;
  /** Ticks from when a packet is decoded to when it is shown: no frame is shown sooner. */
  #leastDelay = Number.POSITIVE_INFINITY;
  #lastTick = Number.NEGATIVE_INFINITY;
  #lastDurationTicks = 0;
  /** Places in `#ticks`. */
  #keyPackets: number[] = [];
  /** Where each of these lies in the file, or null. */
  #keyPositions: (number | null)[] = [];
  /** Presentation times of packets that are not shown, from the first key packet among them on. */
  readonly #hiddenTicks: number[] = [];

  /** @param name of the video, for messages. */
  constructor(name: string, maxFrames: number) {
    this.#name = name;
    this.#maxFrames = maxFrames;
  }

  /** @throws InputError limit-frames, encrypted. */
  push(line: string): void {
    const [pts, dts, duration, position, flags, ...sideData] = line.split(",");
    if (sideData.includes("Encryption info")) throw encryptedError(this.#name);
    // Packets that only prime the decoder, before the start of an edit list, are never shown.
    if (flags === undefined) return;
    const [isKey, isHidden] = [flags.includes("K"), flags.includes("D")];
    if (!isHidden) {
      const times = { shown: number(pts), decoded: number(dts), duration: number(duration) };
      this.add({ ...times, isKey, position: number(position) });
    } else if (this.#hiddenTicks.length > 0 || isKey) {
      this.#hiddenTicks.push(number(pts) ?? Number.NaN);
    }
  }

  /** @throws InputError limit-frames. */
  add({ shown, decoded, duration, isKey, position = null }: PacketTicks): void {
    if (this.#ticks.length >= this.#maxFrames) {
      throw new InputError(
        "limit-frames",
        `Cannot split a video as it has more frames than --max-frames-per-video ${this.#maxFrames}: ${this.#name} has ${this.#ticks.length + 1} or more. ` +
          "Raise that limit, or cut the video into parts first.",
      );
    }
    if (shown === null) this.#withoutTime++;
    else if (decoded !== null) this.#leastDelay = Math.min(this.#leastDelay, Math.max(0, shown - decoded));
    const delay = Number.isFinite(this.#leastDelay) ? this.#leastDelay : 0;
    const tick = shown ?? (decoded === null ? null : decoded + delay);
    if (isKey) {
      this.#keyPackets.push(this.#ticks.length);
      this.#keyPositions.push(position);
    }
    this.#ticks.push(tick ?? Number.NaN);
    this.#decodedTicks.push(decoded ?? Number.NaN);
    if (tick !== null && tick >= this.#lastTick) {
      this.#lastTick = tick;
      this.#lastDurationTicks = duration ?? 0;
    }
  }

  /** Where key packets lie, as far as that is known, bytes from the start of the file. Without the first: none leads up to it. */
  get keyPositions(): number[] {
    return this.#keyPositions.slice(1).filter((position) => position !== null);
  }

  /** Takes the packets that lie at these places for key packets no longer. */
  dropKeys(positions: ReadonlySet<number>): void {
    this.#keyPackets = this.#keyPackets.filter((_, i) => !positions.has(this.#keyPositions[i] ?? -1));
    this.#keyPositions = this.#keyPositions.filter((position) => !positions.has(position ?? -1));
  }

  /**
   * @param complaints of the demuxer while it read the packets.
   * @throws InputError no-frames.
   */
  videoInfo(header: ProbeHeader, complaints?: Complaints): VideoInfo {
    if (this.#ticks.length === 0) {
      throw new InputError(
        "no-frames",
        `Cannot split a video as it holds no frames: ${this.#name}. Get an undamaged copy`,
        { skipped: true },
      );
    }
    // A few packets without a presentation time are placed behind their decoding time; with more, no time is to be trusted.
    const restarts = clockRestarts(this.#decodedTicks, header.timeBase);
    const timesFromRate =
      restarts || this.#withoutTime > this.#ticks.length / 10 || this.#ticks.some(Number.isNaN);
    const [numerator, denominator] = timesFromRate ? RATE_CLOCK : header.timeBase;
    const sorted = timesFromRate ? null : shownTicks(this.#ticks, header, this.#lastDurationTicks);
    const count = sorted?.length ?? this.#ticks.length;
    const firstTick = sorted?.[0] ?? 0;
    const spreadTicks = sorted === null ? 0 : sorted[count - 1]! - firstTick;
    const measuredRate = spreadTicks > 0 ? ((count - 1) * denominator) / (spreadTicks * numerator) : null;
    // The header's rate is told from the first seconds alone where no index tells more.
    const restartedRate = restarts ? rateBetweenRestarts(this.#decodedTicks, header.timeBase) : null;
    const frameRate =
      restartedRate ?? header.averageFrameRate ?? measuredRate ?? header.baseFrameRate ?? DEFAULT_FRAME_RATE;
    const frameTimes = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      frameTimes[i] = sorted === null ? i / frameRate : ((sorted[i]! - firstTick) * numerator) / denominator;
    }
    const lastSeconds = timesFromRate ? 0 : (this.#lastDurationTicks * numerator) / denominator;
    return {
      width: header.width,
      height: header.height,
      rotationDegrees: header.rotationDegrees,
      frameRate,
      frameCount: count,
      durationSeconds:
        frameTimes[count - 1]! + (lastSeconds > 0 ? lastSeconds : 1 / (measuredRate ?? frameRate)),
      videoCodec: header.videoCodec,
      pixelFormat: header.pixelFormat,
      audioCodec: header.audioCodec,
      bitRate: header.bitRate,
      matrix: header.picture.frame.matrix,
      range: header.picture.frame.range,
      frameTimes,
      ...(complaints === undefined || complaints.count === 0 ? {} : { complaints }),
      ...(sorted === null ? {} : { keyFrames: this.#keyFrames(sorted) }),
      stream: {
        videoStream: header.videoStream,
        audioStream: header.audioStream,
        audioSampleRate: header.audioSampleRate,
        timeBase: [numerator, denominator],
        // Sound goes by the clock even where frames do not.
        startSeconds: restarts ? this.#startSeconds(header) : (firstTick * numerator) / denominator,
        timesFromRate,
        clockRestarts: restarts,
        picture: header.picture,
        seekable: header.seekable,
      },
    };
  }

  #startSeconds({ timeBase: [numerator, denominator] }: ProbeHeader): number {
    const [first = 0] = this.#ticks;
    return Number.isNaN(first) ? 0 : (first * numerator) / denominator;
  }

  #keyFrames(shownTicks: Float64Array): KeyFrames {
    return findKeyFrames({
      ticks: this.#ticks,
      shownTicks,
      keyPackets: this.#keyPackets,
      hiddenTicks: this.#hiddenTicks,
    });
  }
}

/**
 * Of the frames shown, ascending, each at least a tick after the one before: two frames are never shown at once. The last one
 * of a program stream often has no presentation time, and its decoding time is that of the frame before: it follows that.
 */
function shownTicks(ticks: readonly number[], header: ProbeHeader, durationTicks: number): Float64Array {
  const all = Float64Array.from(ticks).sort();
  const sorted = header.videoCodec === "vp8" ? withoutHidden(all, header.timeBase) : all;
  const last = sorted.length - 1;
  if (last > 0 && sorted[last] === sorted[last - 1]) sorted[last]! += durationTicks;
  for (let i = 1; i < sorted.length; i++) sorted[i] = Math.max(sorted[i]!, sorted[i - 1]! + 1);
  return sorted;
}

/** Of packets close together one is shown. The packets' flags do not tell which: the first stands for all. */
function withoutHidden(
  sorted: Float64Array,
  [numerator, denominator]: ProbeHeader["timeBase"],
): Float64Array {
  const close = (HIDDEN_PACKET_SECONDS * denominator) / numerator;
  return sorted.filter((tick, index) => index === 0 || tick - sorted[index - 1]! > close);
}

function number(written: string | undefined): number | null {
  return written === undefined || written === "" || written === "N/A" ? null : Number(written);
}
