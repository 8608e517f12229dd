// The media engine on @ffmpeg/core, for machines without ffmpeg: the same arguments, plans and checks as the native one,
// over a file system in memory whose source alone is read from where it lies. Runs block the thread and use one core; a
// stop request takes effect between runs only. The wall time is looked at between frames and before reads.
import { InputError, InterruptedError } from "../../errors.ts";
import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from "../../limits.ts";
import { CONTENT_HEAD_BYTES } from "../content_kind.ts";
import { EncoderTrials, ffmpegTrial } from "../encoder_trials.ts";
import type {
  EncoderInfo,
  MediaEngine,
  MediaSource,
  ScannedFrame,
  ScanReport,
  ScanRequest,
  SourceStream,
  SplitReport,
  SplitRequest,
  SplitSinks,
  VideoInfo,
} from "../engine.ts";
import { grayFrameBytes } from "../gray_router.ts";
import { wholeMp4Info } from "../mp4_info.ts";
import { PacketClock, packetArguments } from "../packet_clock.ts";
import { previewOfSegment } from "../preview_check.ts";
import { bytesFailure, emptyVideoError, firstLine, probeFailure } from "../probe_failure.ts";
import { headerArguments, readHeader } from "../probe_header.ts";
import { mayRecoverLate, PACKET_HEAD_BYTES, recoversLate } from "../recovery_point.ts";
import { ScanSession } from "../scan_session.ts";
import { fileOfSegment } from "../segment_check.ts";
import type { SplitTargets } from "../split_arguments.ts";
import { type AttemptEnd, runSplit, type SplitAttempt } from "../split_session.ts";
import { wallTimeError } from "../time_limit.ts";
import { Complaints } from "./complaints.ts";
import type { FfmpegCore } from "./ffmpeg_core.ts";
import { type LabelFile, labelledTicks, labelTarget, openLabelFiles } from "./label_files.ts";
import { blobReader, bytesReader, placeReader, type RangeReader } from "./range_reader.ts";
import { runWasmScan } from "./wasm_scan.ts";

/** What the engine needs of its surroundings. */
export interface WasmHost {
  readonly version: string;
  /** Default DEFAULT_MEDIA_LIMITS. Idle time does not count: whether a run that blocks the thread is idle cannot be told. */
  readonly limits?: MediaLimits;
  createCore(): Promise<FfmpegCore>;
  /** Rejects with InputError where the file cannot be a video. */
  openFile(path: string): Promise<RangeReader>;
  /** Bytes of scanned frames that may lie in memory at once. Default 256 MiB. */
  readonly maxScanBytes?: number;
}

/** Larger sources are refused: their clips and frames lie in memory until a run is over. */
const MAX_SOURCE_BYTES = 1 << 30;

const TARGETS: SplitTargets = {
  frames: "frames.yuv",
  frameLabels: labelTarget("frame_labels.txt"),
  grayFrames: "gray.raw",
  grayLabels: labelTarget("gray_labels.txt"),
  clipLabels: labelTarget("clip_labels.txt"),
  segmentList: "segments.csv",
  progress: null,
  clipPattern: "clip_%06d.mp4",
  previewList: "previews.csv",
  previewPattern: "preview_%06d.webp",
  readsOptionFiles: false,
  toneMaps: true,
  filtersOnMuxerClock: true,
};
const PROBE_OUTPUT = "probe.txt";
const TRIAL_OUTPUT = "trial.txt";
const NO_FILES: ReadonlyMap<string, string> = new Map();

interface OpenedSource {
  readonly reader: RangeReader;
  /** Its name in the core's file system. */
  readonly file: string;
  /** For messages. */
  readonly name: string;
}

interface WasmRun {
  readonly core: FfmpegCore;
  readonly code: number;
  readonly errorText: string;
  readonly errorCount: number;
}

export class WasmEngine implements MediaEngine {
  readonly version: string;
  readonly #host: WasmHost;
  readonly #limits: MediaLimits;
  readonly #trials: EncoderTrials;

  constructor(host: WasmHost) {
    this.version = host.version;
    this.#host = host;
    this.#limits = host.limits ?? DEFAULT_MEDIA_LIMITS;
    const runTrial = async (args: readonly string[]) => {
      const run = await this.#run("exec", [...args, TRIAL_OUTPUT], NO_FILES, null, undefined);
      return { succeeded: run.code === 0, errorText: run.errorText, output: textOf(run.core, TRIAL_OUTPUT) };
    };
    this.#trials = new EncoderTrials(ffmpegTrial(runTrial));
  }

  async probe(source: MediaSource, signal?: AbortSignal): Promise<VideoInfo> {
    const opened = await this.#open(source);
    try {
      return await this.#probe(opened, signal);
    } finally {
      opened.reader.close();
    }
  }

  async split(request: SplitRequest, sinks: SplitSinks): Promise<SplitReport> {
    const opened = await this.#open(request.source);
    try {
      const { signal } = request;
      const { info, stream } = await this.#withStream(opened, request);
      const { maxPixels } = this.#limits;
      const input = { path: opened.file, name: opened.name, stream, targets: TARGETS, maxPixels };
      return await runSplit({ ...request, info }, sinks, input, async (attempt) => {
        const run = await this.#run("exec", attempt.args, attempt.files, opened, signal);
        const succeeded = run.code === 0;
        const { frames, grayFrames } = TARGETS;
        const { router, grayRouter } = attempt;
        await deliverFrames(run.core, [frames, "frame_labels.txt"], router.frameBytes, router);
        // A run that broke off is repeated: samples that it left open are not to be filled with the last frame that came.
        if (succeeded) await router.finish();
        const graySize = grayFrameBytes(request.grayFrames);
        await deliverFrames(run.core, [grayFrames, "gray_labels.txt"], graySize, grayRouter);
        await deliverClips(run.core, attempt);
        await deliverPreviews(run.core, attempt);
        return {
          succeeded,
          signal: null,
          errorText: run.errorText,
          errorCount: run.errorCount,
        } satisfies AttemptEnd;
      });
    } finally {
      opened.reader.close();
    }
  }

  async scan(request: ScanRequest, onFrame: (frame: ScannedFrame) => Promise<void>): Promise<ScanReport> {
    const opened = await this.#open(request.source);
    try {
      const { info, stream } = await this.#withStream(opened, request);
      const { file: path, name } = opened;
      const run = (args: readonly string[]): Promise<WasmRun> =>
        this.#run("exec", args, NO_FILES, opened, request.signal);
      const { maxPixels } = this.#limits;
      const scan = { path, name, request: { ...request, info }, stream, maxPixels, run };
      return await runWasmScan(
        scan,
        new ScanSession({ ...request, info }, stream, onFrame),
        this.#host.maxScanBytes,
      );
    } finally {
      opened.reader.close();
    }
  }

  encoders(names: readonly string[]): Promise<readonly EncoderInfo[]> {
    return this.#trials.run(names);
  }

  /** What is known of a video, with how to meet its frames again: looked up where the caller's knowledge lacks that. */
  async #withStream(
    opened: OpenedSource,
    { info: known, signal }: Pick<SplitRequest, "info" | "signal">,
  ): Promise<{ info: VideoInfo; stream: SourceStream }> {
    const info = known.stream ? known : await this.#probe(opened, signal);
    if (info.stream === undefined) throw new Error("Invariant broken: a probed video names its stream");
    return { info, stream: info.stream };
  }

  async #probe(opened: OpenedSource, signal: AbortSignal | undefined): Promise<VideoInfo> {
    const { reader, file, name } = opened;
    const { maxPixels, maxFrames } = this.#limits;
    const probe = async (
      args: readonly string[],
    ): Promise<Pick<WasmRun, "errorText" | "errorCount"> & { readonly text: string }> => {
      const run = await this.#run("ffprobe", ["-o", PROBE_OUTPUT, ...args], NO_FILES, opened, signal);
      return { ...run, text: textOf(run.core, PROBE_OUTPUT) };
    };
    const header = await probe(headerArguments(file, maxPixels));
    if (!header.text.includes('"format"')) {
      const head = new Uint8Array(CONTENT_HEAD_BYTES);
      const filled = head.subarray(0, reader.read(head, 0));
      throw probeFailure(header.errorText, { name, path: file }, filled, maxPixels);
    }
    const facts = readHeader(header.text, name, header.errorText, maxPixels);
    const clock = new PacketClock(name, maxFrames);
    const packets = await probe(packetArguments(file, facts.videoStream, maxPixels));
    for (const line of packets.text.split("\n")) clock.push(line);
    if (mayRecoverLate(facts)) {
      const head = new Uint8Array(PACKET_HEAD_BYTES);
      const isLate = (start: number): boolean => recoversLate(head.subarray(0, reader.read(head, start)));
      clock.dropKeys(new Set(clock.keyPositions.filter(isLate)));
    }
    const { errorCount: count, errorText } = packets;
    return clock.videoInfo(facts, { count, first: firstLine(errorText, file) });
  }

  async #open(source: MediaSource): Promise<OpenedSource> {
    const name = source.kind === "file" ? source.path : source.name;
    const reader = named(name, await this.#reader(source, name));
    const { sizeBytes } = reader;
    if (sizeBytes > 0 && sizeBytes <= MAX_SOURCE_BYTES) {
      return { reader, file: `source${/\.[A-Za-z0-9]{1,5}$/.exec(name)?.[0] ?? ""}`, name };
    }
    reader.close();
    if (sizeBytes === 0) throw emptyVideoError(name);
    throw new InputError(
      "limit-bytes",
      `Cannot read a video with ${this.version} as it is larger than ${MAX_SOURCE_BYTES} bytes: ${name} has ` +
        `${sizeBytes}. Install ffmpeg, which keeps no clips in memory.`,
    );
  }

  async #reader(source: MediaSource, name: string): Promise<RangeReader> {
    if (source.kind === "file") return await this.#host.openFile(source.path);
    if (source.kind === "bytes") return bytesReader(source.bytes);
    return await blobReader(source.blob).catch((error: unknown) => {
      throw bytesFailure(name, error);
    });
  }

  async #run(
    program: "exec" | "ffprobe",
    args: readonly string[],
    files: ReadonlyMap<string, string>,
    source: OpenedSource | null,
    signal: AbortSignal | undefined,
  ): Promise<WasmRun> {
    const stopIfAsked = (): void => {
      if (signal?.aborted) throw new InterruptedError("Cannot finish with a video as the work was stopped");
    };
    stopIfAsked();
    const core = await this.#host.createCore();
    const complaints = new Complaints();
    core.setLogger(({ type, message }) => {
      // Every run ends by aborting the module; only what comes before is ffmpeg's.
      if (type === "stderr" && message !== "Aborted()") complaints.add(message);
    });
    openLabelFiles(core);
    for (const [path, text] of files) core.FS.writeFile(path, text);
    const { wallSeconds } = this.#limits;
    const endsAt = performance.now() + wallSeconds * 1000;
    const subject = source?.name ?? "a test picture";
    const checkTime = (): void => {
      if (performance.now() >= endsAt) throw wallTimeError(subject, wallSeconds);
    };
    if (source !== null) placeReader(core, source.file, source.reader, checkTime);
    core.setTimeout(wallSeconds * 1000);
    const code = runToEnd(core, program, args, complaints);
    if (code !== 0) checkTime();
    stopIfAsked();
    return { core, code, errorText: complaints.text, errorCount: complaints.count };
  }
}

/** A reader whose failures name the video. */
function named(name: string, reader: RangeReader): RangeReader {
  return {
    sizeBytes: reader.sizeBytes,
    read(target, position) {
      try {
        return reader.read(target, position);
      } catch (error) {
        throw bytesFailure(name, error);
      }
    },
    close: () => reader.close(),
  };
}

/** A trap of the module (reading outside its memory) is a failure of that run alone. Throws what its reader threw. */
function runToEnd(
  core: FfmpegCore,
  program: "exec" | "ffprobe",
  args: readonly string[],
  complaints: Complaints,
): number {
  try {
    return core[program](...args);
  } catch (error) {
    if (error instanceof InputError) throw error;
    complaints.add(
      `ffmpeg crashed as WebAssembly: ${error instanceof Error ? error.message : String(error)}`,
    );
    return -1;
  }
}

async function deliverFrames(
  core: FfmpegCore,
  [file, labels]: readonly [file: string, labels: LabelFile],
  size: number,
  router: { push(tick: number, data: Uint8Array): Promise<void> },
): Promise<void> {
  const ticks = labelledTicks(core, labels);
  if (ticks.length === 0) return;
  const frames = core.FS.readFile(file);
  for (let i = 0; i < ticks.length && (i + 1) * size <= frames.byteLength; i++) {
    await router.push(ticks[i]!, frames.slice(i * size, (i + 1) * size));
  }
}

async function deliverClips(core: FfmpegCore, { segments, deliver }: SplitAttempt): Promise<void> {
  for (const tick of labelledTicks(core, "clip_labels.txt")) segments.countFrame(tick);
  for (const line of textOf(core, TARGETS.segmentList).split("\n")) {
    const file = fileOfSegment(line);
    if (file === undefined) continue;
    const bytes = core.FS.readFile(file);
    const info = wholeMp4Info(bytes, bytes.byteLength);
    const clip = segments.take(info?.frameCount ?? 0);
    if (clip === undefined || info === undefined) continue;
    await deliver({
      index: clip.index,
      info,
      read: async function* () {
        yield bytes;
      },
    });
    core.FS.unlink(file);
  }
}

async function deliverPreviews(core: FfmpegCore, attempt: SplitAttempt): Promise<void> {
  for (const line of textOf(core, TARGETS.previewList).split("\n")) {
    const file = previewOfSegment(line);
    if (file === undefined) continue;
    const preview = attempt.previews.take(file, core.FS.readFile(file.name));
    if (preview !== undefined) await attempt.deliverPreview(preview);
    core.FS.unlink(file.name);
  }
}

function textOf(core: FfmpegCore, path: string): string {
  return core.FS.analyzePath(path).exists ? core.FS.readFile(path, { encoding: "utf8" }) : "";
}
