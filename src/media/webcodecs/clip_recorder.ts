// Encodes one clip with the browser's encoder and writes it as an mp4 with its sound. Key frame first, no B-frames (no
// browser's encoder makes any), times from zero: what the other engines write, too.
import type { Output, VideoSampleSource } from "mediabunny";
import type { ClipAudio } from "./clip_audio.ts";
import type { Mediabunny } from "./open_video.ts";

/** mediabunny's names. */
export type ClipCodec = "avc" | "vp9" | "av1";

/** Names of encoders in the manner of ffmpeg ("h264_nvenc"), best for players first. */
export const WEBCODECS_ENCODERS: Readonly<Record<string, ClipCodec>> = {
  h264_webcodecs: "avc",
  vp9_webcodecs: "vp9",
  av1_webcodecs: "av1",
};

const AUDIO_BITS_PER_SECOND = 128_000;

export class ClipRecorder {
  readonly #library: Mediabunny;
  readonly #output: Output;
  readonly #video: VideoSampleSource;
  readonly #audio: ClipAudio | null;
  readonly #addAudio: ((startSeconds: number, endSeconds: number) => Promise<void>) | undefined;
  #frameCount = 0;

  private constructor(library: Mediabunny, codec: ClipCodec, audio: ClipAudio | null) {
    this.#library = library;
    this.#audio = audio;
    this.#output = new library.Output({
      format: new library.Mp4OutputFormat({ fastStart: "in-memory" }),
      target: new library.BufferTarget(),
    });
    this.#video = new library.VideoSampleSource({ codec, quality: library.QUALITY_HIGH });
    this.#output.addVideoTrack(this.#video);
    this.#addAudio = audio === null ? undefined : addAudioTrack(library, this.#output, audio);
  }

  static async start(library: Mediabunny, codec: ClipCodec, audio: ClipAudio | null): Promise<ClipRecorder> {
    const recorder = new ClipRecorder(library, codec, audio);
    await recorder.#output.start();
    return recorder;
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  /** Takes a frame, which stays the caller's to close; times count from the start of the clip. */
  async add(frame: VideoFrame, timeSeconds: number, durationSeconds: number): Promise<void> {
    const sample = new this.#library.VideoSample(frame.clone(), {
      timestamp: timeSeconds,
      duration: durationSeconds,
      rotation: 0,
    });
    try {
      await this.#video.add(sample, this.#frameCount === 0 ? { keyFrame: true } : {});
      this.#frameCount++;
    } finally {
      sample.close();
    }
  }

  /**
   * The finished mp4.
   *
   * @param startSeconds of the clip on the clock of the source; sound that begins in [start, end) goes with it.
   */
  async finish(startSeconds: number, endSeconds: number): Promise<Uint8Array> {
    this.#video.close();
    if (this.#audio !== null) await this.#addAudio?.(startSeconds, endSeconds);
    await this.#output.finalize();
    const { buffer } = this.#output.target as InstanceType<Mediabunny["BufferTarget"]>;
    if (buffer === null) throw new Error("Invariant broken: a finished output has its bytes");
    return new Uint8Array(buffer);
  }

  async cancel(): Promise<void> {
    await this.#output.cancel();
  }
}

function addAudioTrack(
  library: Mediabunny,
  output: Output,
  audio: ClipAudio,
): (startSeconds: number, endSeconds: number) => Promise<void> {
  const { track, codec } = audio;
  if (audio.kind === "encode") {
    const source = new library.AudioSampleSource({ codec, bitrate: AUDIO_BITS_PER_SECOND });
    output.addAudioTrack(source);
    return async (startSeconds, endSeconds) => {
      const samples = new library.AudioSampleSink(track).samples(startSeconds, endSeconds);
      for await (const sample of samples) {
        sample.setTimestamp(Math.max(0, sample.timestamp - startSeconds));
        await source.add(sample);
        sample.close();
      }
      source.close();
    };
  }
  const source = new library.EncodedAudioPacketSource(codec);
  output.addAudioTrack(source);
  return async (startSeconds, endSeconds) => {
    const decoderConfig = await track.getDecoderConfig();
    const meta = decoderConfig === null ? undefined : { decoderConfig };
    const sink = new library.EncodedPacketSink(track);
    const first = (await sink.getPacket(startSeconds)) ?? (await sink.getFirstPacket()) ?? undefined;
    for await (const packet of sink.packets(first)) {
      if (packet.timestamp >= endSeconds) break;
      if (packet.timestamp < startSeconds) continue;
      await source.add(packet.clone({ timestamp: packet.timestamp - startSeconds }), meta);
    }
    source.close();
  };
}
