// The clips of a split, one being recorded at a time: frames come in order, and with the first frame of the next clip the
// one before is finished, read back and delivered.
import { InputError } from "../../errors.ts";
import type { EncodedClip, SourceStream, VideoInfo } from "../engine.ts";
import { readMp4Info } from "../mp4_info.ts";
import type { PlannedClip, SplitPlan } from "../split_plan.ts";
import type { ClipAudio } from "./clip_audio.ts";
import { type ClipCodec, ClipRecorder } from "./clip_recorder.ts";
import type { FramePlanes } from "./frame_planes.ts";
import { messageOf, type OpenedVideo } from "./open_video.ts";

export interface ClipSequenceOptions {
  readonly opened: OpenedVideo;
  readonly info: VideoInfo & { readonly stream: SourceStream };
  readonly plan: SplitPlan;
  readonly codec: ClipCodec;
  readonly audio: ClipAudio | null;
  deliver(clip: EncodedClip): Promise<void>;
}

export class ClipSequence {
  readonly #options: ClipSequenceOptions;
  /** How long the last frame of a clip is shown: what lies between others, their times tell. */
  readonly #lastFrameSeconds: number;
  #open:
    | { readonly clip: PlannedClip; readonly recorder: ClipRecorder; readonly firstTick: number }
    | undefined;

  constructor(options: ClipSequenceOptions) {
    this.#options = options;
    this.#lastFrameSeconds = shortestFrame(options.info);
  }

  /**
   * Takes the next frame of a clip, which stays the caller's to close.
   *
   * @param planes gives its upright planes, for frames that cannot be encoded as they are.
   */
  async add(
    clip: PlannedClip,
    tick: number,
    frame: VideoFrame,
    planes: () => Promise<FramePlanes>,
  ): Promise<void> {
    const { opened, codec, audio, plan, info } = this.#options;
    const isFit = info.rotationDegrees === 0 && info.width % 2 === 0 && info.height % 2 === 0;
    const shaped = isFit ? undefined : evenFrame(await planes(), info);
    if (this.#open?.clip !== clip) await this.finish();
    try {
      if (this.#open === undefined) {
        const recorder = await ClipRecorder.start(opened.library, codec, audio);
        this.#open = { clip, recorder, firstTick: tick };
      }
      const { recorder, firstTick } = this.#open;
      const timeSeconds = (tick - firstTick) * plan.secondsPerTick;
      await recorder.add(shaped ?? frame, timeSeconds, this.#lastFrameSeconds);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      shaped?.close();
    }
  }

  /** Finishes and delivers the clip under way. */
  async finish(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const { plan, info, deliver } = this.#options;
    const { startSeconds } = info.stream;
    const { clip, recorder, firstTick } = open;
    const onSourceClock = (tick: number): number => startSeconds + tick * plan.secondsPerTick;
    const end = Math.min(onSourceClock(clip.endTick), startSeconds + info.durationSeconds);
    const bytes = await recorder.finish(onSourceClock(firstTick), end).catch((error: unknown) => {
      throw this.#failure(error);
    });
    const clipInfo = readMp4Info(bytes, bytes.byteLength);
    if (clipInfo.frameCount !== recorder.frameCount) {
      throw this.#failure(
        new Error(
          `the encoder gave ${clipInfo.frameCount} frames of the ${recorder.frameCount} it was given`,
        ),
      );
    }
    await deliver({
      index: clip.index,
      info: clipInfo,
      read: async function* () {
        yield bytes;
      },
    });
  }

  /** Lets go of a clip that will not be finished. */
  async cancel(): Promise<void> {
    await this.#open?.recorder.cancel();
    this.#open = undefined;
  }

  #failure(error: unknown): unknown {
    if (error instanceof InputError) return error;
    return new InputError(
      "encode-failed",
      `Cannot encode clips as the browser's encoder failed: ${this.#options.opened.name} (${messageOf(error)})`,
      { cause: error },
    );
  }
}

/** The gap between two frames at the rate of the video's clock, as ffmpeg takes it. */
function shortestFrame({ frameTimes, frameRate }: VideoInfo): number {
  let shortest = 1 / frameRate;
  for (let i = 1; i < frameTimes.length; i++)
    shortest = Math.min(shortest, frameTimes[i]! - frameTimes[i - 1]!);
  return shortest;
}

/** Planes as a frame to encode, its last column and row repeated where a size is odd, as encoders of 4:2:0 need. */
function evenFrame({ width, height, data }: FramePlanes, info: VideoInfo): VideoFrame {
  const [evenWidth, evenHeight] = [width + (width % 2), height + (height % 2)];
  const padded = evenWidth === width && evenHeight === height ? data : padPlanes(data, width, height);
  return new VideoFrame(padded, {
    ...{ format: "I420", codedWidth: evenWidth, codedHeight: evenHeight, timestamp: 0 },
    colorSpace: {
      matrix: info.matrix === "bt709" ? "bt709" : "smpte170m",
      fullRange: info.range === "full",
    },
  });
}

function padPlanes(data: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const [evenWidth, evenHeight] = [width + (width % 2), height + (height % 2)];
  const lumaBytes = evenWidth * evenHeight;
  const padded = new Uint8Array(lumaBytes + lumaBytes / 2);
  for (let y = 0; y < evenHeight; y++) {
    const from = Math.min(y, height - 1) * width;
    padded.set(data.subarray(from, from + width), y * evenWidth);
    if (evenWidth > width) padded[(y + 1) * evenWidth - 1] = data[from + width - 1]!;
  }
  padded.set(data.subarray(width * height), lumaBytes);
  return padded;
}
