// The media engine on the system's ffmpeg and ffprobe: the fastest one where there is a process to start. Found through
// CLIPSIEVE_FFMPEG and CLIPSIEVE_FFPROBE or PATH. The oldest version that has all that is used here is 5.1.
import { resolve } from "node:path";
import { InputError, MediaEngineError } from "../../errors.ts";
import { createTempFolder } from "../../io/temp_folder.ts";
import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from "../../limits.ts";
import { isHighRange, TONE_FILTERS } from "../clip_colors.ts";
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
import { ScanSession } from "../scan_session.ts";
import type { SplitTargets } from "../split_arguments.ts";
import { runSplit } from "../split_session.ts";
import { INSTALL_ADVICE, runForText } from "./ffmpeg_process.ts";
import { probeFile } from "./native_probe.ts";
import { runNativeScan } from "./native_scan.ts";
import { type OpenedSource, openSource } from "./native_source.ts";
import { NATIVE_TARGETS, runNative } from "./native_split.ts";

/** Limits default to DEFAULT_MEDIA_LIMITS. */
export interface NativeEngineOptions extends Partial<MediaLimits> {
  /** Path or name of the program. Default: CLIPSIEVE_FFMPEG, else "ffmpeg". */
  readonly ffmpeg?: string;
  /** Default: CLIPSIEVE_FFPROBE, else "ffprobe". */
  readonly ffprobe?: string;
}

const OLDEST: readonly [number, number] = [5, 1];

/** Rejects with MediaEngineError when ffmpeg or ffprobe is missing, does not run, or is older than 5.1. */
export async function createNativeEngine({
  ffmpeg: namedFfmpeg = process.env.CLIPSIEVE_FFMPEG || "ffmpeg",
  ffprobe: namedFfprobe = process.env.CLIPSIEVE_FFPROBE || "ffprobe",
  ...given
}: NativeEngineOptions = {}): Promise<MediaEngine> {
  const limits = { ...DEFAULT_MEDIA_LIMITS, ...given };
  const [ffmpeg, ffprobe] = [programPath(namedFfmpeg), programPath(namedFfprobe)];
  const [version, probeVersion] = await Promise.all([programVersion(ffmpeg), programVersion(ffprobe)]);
  for (const [program, found] of [
    [ffmpeg, version],
    [ffprobe, probeVersion],
  ] as const) {
    if (isSince(found, OLDEST)) continue;
    throw new MediaEngineError(
      `Cannot use ${program} as it is older than ${OLDEST.join(".")}: ${found}. ${INSTALL_ADVICE}`,
    );
  }
  return new NativeEngine(ffmpeg, ffprobe, limits, version);
}

/** A split runs in a folder of its own, from where a relative path would lead elsewhere. Bare names are left to PATH. */
function programPath(name: string): string {
  return /[/\\]/.test(name) ? resolve(name) : name;
}

class NativeEngine implements MediaEngine {
  readonly version: string;
  readonly #ffmpeg: string;
  readonly #ffprobe: string;
  readonly #limits: MediaLimits;
  readonly #targets: Omit<SplitTargets, "toneMaps">;
  #toneMaps: Promise<boolean> | undefined;
  readonly #trials: EncoderTrials;

  constructor(ffmpeg: string, ffprobe: string, limits: MediaLimits, version: string) {
    this.version = `ffmpeg ${version}`;
    this.#targets = {
      ...NATIVE_TARGETS,
      readsOptionFiles: isSince(version, [7, 0]),
      filtersOnMuxerClock: !isSince(version, [6, 1]),
    };
    this.#ffmpeg = ffmpeg;
    this.#ffprobe = ffprobe;
    this.#limits = limits;
    const runTrial = async (args: readonly string[]) => {
      const trialLimits = { idleSeconds: 30, wallSeconds: 30 };
      const trial = {
        binary: ffmpeg,
        args: [...args, "pipe:1"],
        limits: trialLimits,
        subject: "a test picture",
      };
      return await runForText(trial).then(
        ({ code, errorText, output }) => ({ succeeded: code === 0, errorText, output }),
        (error: unknown) => {
          if (!(error instanceof InputError)) throw error;
          return { succeeded: false, errorText: "no answer within 30 s", output: "" };
        },
      );
    };
    this.#trials = new EncoderTrials(ffmpegTrial(runTrial));
  }

  async probe(source: MediaSource, signal?: AbortSignal): Promise<VideoInfo> {
    const opened = await openSource(source);
    try {
      return await probeFile(opened, this.#ffprobe, this.#limits, signal);
    } finally {
      await opened.close();
    }
  }

  async split(request: SplitRequest, sinks: SplitSinks): Promise<SplitReport> {
    const opened = await openSource(request.source);
    const folder = await createTempFolder("clipsieve-clips-");
    try {
      const { signal } = request;
      const { info, stream } = await this.#withStream(opened, request);
      const { maxPixels } = this.#limits;
      const toneMaps = isHighRange(stream.picture) && (await this.#canToneMap());
      const targets = { ...this.#targets, toneMaps };
      const input = { path: opened.path, name: opened.name, stream, targets, maxPixels };
      const grayBytes = grayFrameBytes(request.grayFrames);
      const run = {
        ...{ binary: this.#ffmpeg, folder, grayBytes },
        ...{ name: opened.name, limits: this.#limits, signal },
      };
      return await runSplit({ ...request, info }, sinks, input, (attempt) => runNative(run, attempt));
    } finally {
      await Promise.all([folder.remove(), opened.close()]);
    }
  }

  /** Builds of ffmpeg without zimg lack a filter that this takes. */
  #canToneMap(): Promise<boolean> {
    this.#toneMaps ??= runForText({
      ...{ binary: this.#ffmpeg, args: ["-hide_banner", "-filters"], subject: "-filters" },
      limits: { idleSeconds: 20, wallSeconds: 20 },
    }).then(({ output }) => TONE_FILTERS.every((filter) => output.includes(` ${filter} `)));
    return this.#toneMaps;
  }

  async scan(request: ScanRequest, onFrame: (frame: ScannedFrame) => Promise<void>): Promise<ScanReport> {
    const source = await openSource(request.source);
    try {
      const { info, stream } = await this.#withStream(source, request);
      const run = {
        binary: this.#ffmpeg,
        source,
        request: { ...request, info },
        stream,
        limits: this.#limits,
      };
      return await runNativeScan(run, new ScanSession({ ...request, info }, stream, onFrame));
    } finally {
      await source.close();
    }
  }

  encoders(names: readonly string[]): Promise<readonly EncoderInfo[]> {
    return this.#trials.run(names);
  }

  /** What is known of a video, with how to meet its frames again: looked up where the caller's knowledge lacks that. */
  async #withStream(
    source: OpenedSource,
    { info: known, signal }: Pick<SplitRequest, "info" | "signal">,
  ): Promise<{ info: VideoInfo; stream: SourceStream }> {
    const info = known.stream ? known : await probeFile(source, this.#ffprobe, this.#limits, signal);
    if (info.stream === undefined) throw new Error("Invariant broken: a probed video names its stream");
    return { info, stream: info.stream };
  }
}

/** "5.1.9-0+deb12u1" */
async function programVersion(binary: string): Promise<string> {
  const limits = { idleSeconds: 20, wallSeconds: 20 };
  const { output, code } = await runForText({
    binary,
    args: ["-version"],
    limits,
    subject: "-version",
  }).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    throw new MediaEngineError(
      `Cannot use ${binary} as it does not tell its version within ${limits.wallSeconds} s. ${INSTALL_ADVICE}`,
      { cause: error },
    );
  });
  const version = /^ff(?:mpeg|probe) version (\S+)/.exec(output)?.[1];
  if (code !== 0 || version === undefined) {
    throw new MediaEngineError(
      `Cannot use ${binary} as it does not answer like ffmpeg: ${output.slice(0, 80)}. ${INSTALL_ADVICE}`,
    );
  }
  return version;
}

/** Builds named by date or commit ("N-118448-g...", "2024-10-02-git-...") count as new. */
function isSince(version: string, [oldestMajor, oldestMinor]: readonly [number, number]): boolean {
  const [, major, minor] = /^n?(\d{1,2})\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return true;
  return Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor);
}
