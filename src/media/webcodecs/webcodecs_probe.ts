// VideoInfo from what mediabunny reads of a container, by the same rules as from ffprobe, and from the first frame: that
// it decodes at all is found out here, before anything is planned on it.
import type { EncodedPacket, InputVideoTrack, VideoCodec } from "mediabunny";
import { InputError, InterruptedError } from "../../errors.ts";
import type { MediaLimits } from "../../limits.ts";
import type { SourceStream, VideoInfo } from "../engine.ts";
import { PacketClock } from "../packet_clock.ts";
import { pictureFormat } from "../picture_format.ts";
import { tooManyPixelsError } from "../probe_header.ts";
import { decodePackets } from "./decode_packets.ts";
import { isReadable, unreadablePixels } from "./frame_planes.ts";
import { encryptedError, type OpenedVideo } from "./open_video.ts";

/** ffmpeg's names where they differ. */
const CODEC_NAMES: Readonly<Record<string, string>> = { avc: "h264" };
const MATRIX_NAMES: Readonly<Record<string, string>> = { rgb: "gbr", "bt2020-ncl": "bt2020nc" };
const TRANSFER_NAMES: Readonly<Record<string, string>> = { pq: "smpte2084", hlg: "arib-std-b67" };
/** Where a container's clock is no whole number of ticks per second. */
const MICROSECONDS = 1_000_000;

/** Rejects with InputError encrypted, limit-pixels, incomplete-metadata, decode-failed, no-frames or limit-frames. */
export async function probeVideo(
  opened: OpenedVideo,
  limits: Pick<MediaLimits, "maxPixels" | "maxFrames">,
  signal: AbortSignal | undefined,
): Promise<VideoInfo & { readonly stream: SourceStream }> {
  const { video, audio, name, library, startsAtZero } = opened;
  const [codec, config, codedWidth, codedHeight, rotationDegrees, resolution, space, pixelAspect] =
    await Promise.all([
      video.getCodec(),
      video.getDecoderConfig(),
      video.getCodedWidth(),
      video.getCodedHeight(),
      video.getRotation(),
      video.getTimeResolution(),
      video.getColorSpace(),
      video.getPixelAspectRatio(),
    ]);
  if (codedWidth * codedHeight > limits.maxPixels)
    throw tooManyPixelsError(`${codedWidth}x${codedHeight}`, name, limits.maxPixels);
  if (codec === null || config === null) throw await unknownCodec(video, name);

  const ticksPerSecond = Number.isInteger(resolution) ? resolution : MICROSECONDS;
  const clock = new PacketClock(name, limits.maxFrames);
  let [packetBytes, durationTicks, packetCount] = [0, 0, 0];
  const sink = new library.EncodedPacketSink(video);
  for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true })) {
    if (signal?.aborted) throw new InterruptedError("Cannot finish with a video as the work was stopped");
    const shown = Math.round(packet.timestamp * ticksPerSecond);
    const duration = Math.round(packet.duration * ticksPerSecond);
    packetBytes += packet.byteLength;
    if (startsAtZero && shown < 0) continue;
    durationTicks += duration;
    packetCount++;
    clock.add({ shown, decoded: null, duration, isKey: packet.type === "key" });
  }
  const first = await firstFrame(opened, config, signal);
  const turned = rotationDegrees % 180 === 90;
  const format = first.format === "I420A" ? "yuva420p" : "yuv420p";
  const size = {
    width: turned ? first.height : first.width,
    height: turned ? first.width : first.height,
    rotationDegrees,
  };
  const picture = pictureFormat(
    {
      // The only planes that are taken of a frame (frame_planes.ts).
      pix_fmt: "yuv420p",
      color_space: MATRIX_NAMES[space.matrix ?? ""] ?? space.matrix ?? undefined,
      color_range: space.fullRange ? "pc" : undefined,
      color_transfer: TRANSFER_NAMES[space.transfer ?? ""],
      sample_aspect_ratio: `${pixelAspect.num}:${pixelAspect.den}`,
    },
    size,
  );
  const info = clock.videoInfo({
    ...size,
    picture,
    videoStream: video.id,
    audioStream: audio?.id ?? null,
    videoCodec: codecName(codec),
    audioCodec: await audioCodecName(opened),
    audioSampleRate: audio?.sampleRate ?? null,
    // ffmpeg has a name of its own for 4:2:0 of full range.
    pixelFormat: picture.frame.range === "full" ? format.replace(/^yuv(\d+p)$/, "yuvj$1") : format,
    seekable: false,
    bitRate: null,
    timeBase: [1, ticksPerSecond],
    // An mp4's samples follow each other without gaps: their durations give its average rate.
    averageFrameRate:
      startsAtZero && durationTicks > 0 ? (packetCount * ticksPerSecond) / durationTicks : null,
    baseFrameRate: null,
  });
  const { stream } = info;
  if (stream === undefined) throw new Error("Invariant broken: a probed video names its stream");
  return { ...info, stream, bitRate: Math.round((8 * packetBytes) / info.durationSeconds) };
}

interface FirstFrame {
  readonly format: VideoPixelFormat | null;
  readonly width: number;
  readonly height: number;
}

async function firstFrame(
  { video, library, name }: OpenedVideo,
  config: VideoDecoderConfig,
  signal: AbortSignal | undefined,
): Promise<FirstFrame> {
  const { supported } = await VideoDecoder.isConfigSupported(config).catch(() => ({ supported: false }));
  if (!supported) throw noDecoder(config.codec, name);
  const sink = new library.EncodedPacketSink(video);
  const complaints: string[] = [];
  const frames = decodePackets({
    config,
    packets: sink.packets(),
    tickOf: (packet: EncodedPacket) => packet.microsecondTimestamp,
    signal,
    onComplaint: (message) => complaints.push(message),
  });
  for await (const frame of frames) {
    const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
    const { format } = frame;
    frame.close();
    if (!isReadable(format)) throw unreadablePixels(format, name);
    return { format, width, height };
  }
  throw new InputError(
    "decode-failed",
    `Cannot decode a video as none of its frames is whole: ${name} (${complaints[0] ?? "the decoder gave none"})`,
  );
}

export function codecName(codec: VideoCodec): string {
  return CODEC_NAMES[codec] ?? codec;
}

/** "aac", "pcm_s16le" for "pcm-s16", the container's own word where mediabunny knows no name, null without sound. */
async function audioCodecName({ audio }: OpenedVideo): Promise<string | null> {
  if (audio === null) return null;
  const codec = await audio.getCodec();
  if (codec === null) return String(await audio.getInternalCodecId());
  const [, pcm, bigEndian] = /^pcm-([a-z]\d+)(be)?$/.exec(codec) ?? [];
  if (pcm === undefined) return codec;
  return `pcm_${pcm}${pcm.endsWith("8") ? "" : bigEndian ? "be" : "le"}`;
}

async function unknownCodec(video: InputVideoTrack, name: string): Promise<InputError> {
  const inner = String(await video.getInternalCodecId());
  return /^enc/.test(inner) ? encryptedError(name) : noDecoder(inner, name);
}

function noDecoder(codec: string, name: string): InputError {
  return new InputError(
    "decode-failed",
    `Cannot decode a video as this browser has no decoder for it: ${name} is ${codec}. ` +
      "ffmpeg as WebAssembly decodes more: give openWebMediaEngine its worker.",
  );
}
