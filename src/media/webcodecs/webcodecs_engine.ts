// The media engine on the browser's own codecs: mediabunny reads containers and writes clips, VideoDecoder and VideoEncoder
// do the rest, on hardware where there is some. The plan is the one of the ffmpeg engines, so spans, frame counts and
// sampled frames are the same. It never blocks the page.
import { MediaEngineError, UsageError } from "../../errors.ts";
import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from "../../limits.ts";
import { EncoderTrials } from "../encoder_trials.ts";
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
import { nearestFrame } from "../frame_span.ts";
import { WEBCODECS_ENCODERS } from "./clip_recorder.ts";
import { webCodecsTrial } from "./encoder_trial.ts";
import { uprightPlanes } from "./frame_planes.ts";
import { loadMediabunny, messageOf, type OpenedVideo, openVideo } from "./open_video.ts";
import { RgbScaler } from "./small_frames.ts";
import { decodeVideo } from "./video_frames.ts";
import { probeVideo } from "./webcodecs_probe.ts";
import { noWholeFrame, splitVideoFrames } from "./webcodecs_split.ts";

/** Rejects with MediaEngineError where there is no WebCodecs. */
export async function createWebCodecsEngine(limits: Partial<MediaLimits> = {}): Promise<MediaEngine> {
  if (typeof VideoDecoder === "undefined" || typeof VideoFrame === "undefined") {
    throw new MediaEngineError(
      "Cannot decode with WebCodecs as there is none here. It takes a browser of 2024 or later and a page from https: or localhost.",
    );
  }
  const library = await loadMediabunny().catch((cause: unknown) => {
    throw new MediaEngineError(
      `Cannot decode with WebCodecs as mediabunny cannot be loaded: ${messageOf(cause)}. Install it: npm install mediabunny`,
      { cause },
    );
  });
  return new WebCodecsEngine(new EncoderTrials(webCodecsTrial(library)), {
    ...DEFAULT_MEDIA_LIMITS,
    ...limits,
  });
}

class WebCodecsEngine implements MediaEngine {
  readonly version = "WebCodecs";
  readonly autoEncoders: readonly string[] = Object.keys(WEBCODECS_ENCODERS);
  readonly #trials: EncoderTrials;
  readonly #limits: MediaLimits;

  constructor(trials: EncoderTrials, limits: MediaLimits) {
    this.#trials = trials;
    this.#limits = limits;
  }

  async probe(source: MediaSource, signal?: AbortSignal): Promise<VideoInfo> {
    return await withVideo(source, (opened) => probeVideo(opened, this.#limits, signal));
  }

  async split(request: SplitRequest, sinks: SplitSinks): Promise<SplitReport> {
    const { encoder } = request;
    const codec = encoder === null ? null : WEBCODECS_ENCODERS[encoder];
    if (codec === undefined) {
      throw new UsageError(
        `Cannot encode clips with WebCodecs as it has no such encoder: ${encoder}. Use auto, ${this.autoEncoders.join(", ")}.`,
      );
    }
    return await withVideo(request.source, async (opened) => {
      const info = await this.#probed(opened, request.info, request.signal);
      return await splitVideoFrames({ opened, request: { ...request, info }, codec, sinks });
    });
  }

  async scan(request: ScanRequest, onFrame: (frame: ScannedFrame) => Promise<void>): Promise<ScanReport> {
    return await withVideo(request.source, async (opened) => {
      const { signal, width, height, scaler = "bilinear" } = request;
      const info = await this.#probed(opened, request.info, signal);
      const scale = new RgbScaler(info, [width, height], scaler);
      const secondsPerTick = info.stream.timeBase[0] / info.stream.timeBase[1];
      const complaints: string[] = [];
      const onComplaint = (message: string): void => void complaints.push(message);
      let last = -1;
      for await (const { tick, frame } of decodeVideo(opened, info, { fromTick: 0, signal, onComplaint })) {
        const planes = await uprightPlanes(frame, info, opened.name).finally(() => frame.close());
        const index = nearestFrame(info.frameTimes, tick * secondsPerTick);
        if (index <= last) continue;
        last = index;
        await onFrame({ index, timeSeconds: info.frameTimes[index]!, rgb: scale.apply(planes.data) });
      }
      if (last < 0) throw noWholeFrame(opened.name, complaints);
      return { decodeErrors: complaints.length };
    });
  }

  encoders(names: readonly string[]): Promise<readonly EncoderInfo[]> {
    return this.#trials.run(names);
  }

  async #probed(
    opened: OpenedVideo,
    info: VideoInfo,
    signal: AbortSignal | undefined,
  ): Promise<VideoInfo & { readonly stream: SourceStream }> {
    return info.stream === undefined
      ? await probeVideo(opened, this.#limits, signal)
      : { ...info, stream: info.stream };
  }
}

async function withVideo<T>(source: MediaSource, work: (opened: OpenedVideo) => Promise<T>): Promise<T> {
  const opened = await openVideo(source);
  try {
    return await work(opened);
  } finally {
    opened.close();
  }
}
