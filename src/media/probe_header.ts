// Reads the header of a video from the JSON of ffprobe. Two traps: cover art is a video stream to ffprobe, and a turned
// video is as wide as its coded frames are high. Durations are not read: headers were met that claim 100,000 times too much.
import * as v from "valibot";
import { InputError } from "../errors.ts";
import { inputGuard, inputUrl } from "./input_guard.ts";
import { type PictureFormat, pictureFormat, type StatedPicture } from "./picture_format.ts";

/** Containers whose demuxers find key frames by an index. */
const INDEXED_FORMATS = /\b(mov|mp4|matroska|webm)\b/;

/** What a header says of the chosen video and audio streams. */
export interface ProbeHeader {
  readonly videoStream: number;
  readonly audioStream: number | null;
  readonly videoCodec: string;
  readonly audioCodec: string | null;
  readonly audioSampleRate: number | null;
  readonly pixelFormat: string;
  /** Upright. */
  readonly width: number;
  readonly height: number;
  readonly rotationDegrees: number;
  readonly picture: PictureFormat;
  /** Whether a seek leads to the key frame that was asked for, or one before it. */
  readonly seekable: boolean;
  readonly bitRate: number | null;
  readonly timeBase: readonly [numerator: number, denominator: number];
  /** How long the video stream is said to be: no more than a hint. */
  readonly claimedSeconds?: number | null;
  readonly averageFrameRate: number | null;
  /** The rate of the clock that frames are laid on, a guess. */
  readonly baseFrameRate: number | null;
}

interface Stream extends StatedPicture {
  readonly index: number;
  readonly codec_type?: string | undefined;
  readonly codec_name?: string | undefined;
  readonly codec_tag_string?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly avg_frame_rate?: string | undefined;
  readonly r_frame_rate?: string | undefined;
  readonly time_base?: string | undefined;
  readonly bit_rate?: string | undefined;
  readonly duration?: string | undefined;
  readonly sample_rate?: string | undefined;
  readonly disposition?: Readonly<Record<string, number>> | undefined;
  readonly side_data_list?:
    | readonly { readonly side_data_type?: string | undefined; readonly rotation?: number | undefined }[]
    | undefined;
}

/** How ffmpeg refuses a frame as too large. */
export const TOO_MANY_PIXELS: RegExp = /Picture size (\d+x\d+) (?:is invalid|exceeds)/i;

const text = v.optional(v.string());
const HeaderJson = v.object({
  streams: v.optional(
    v.array(
      v.object({
        index: v.number(),
        ...{
          codec_type: text,
          codec_name: text,
          codec_tag_string: text,
          pix_fmt: text,
          bit_rate: text,
          duration: text,
          sample_rate: text,
        },
        ...{ width: v.optional(v.number()), height: v.optional(v.number()) },
        ...{
          color_range: text,
          color_space: text,
          color_transfer: text,
          chroma_location: text,
          sample_aspect_ratio: text,
          field_order: text,
          avg_frame_rate: text,
          r_frame_rate: text,
          time_base: text,
        },
        disposition: v.optional(v.record(v.string(), v.number())),
        side_data_list: v.optional(
          v.array(v.object({ side_data_type: text, rotation: v.optional(v.number()) })),
        ),
      }),
    ),
    [],
  ),
  format: v.optional(v.object({ bit_rate: text, format_name: text }), {}),
});

/** Arguments for ffprobe before what to show. */
export function probeArguments(maxPixels: number, level: readonly string[] = ["-v", "error"]): string[] {
  return ["-hide_banner", ...level, ...inputGuard(maxPixels)];
}

/** Arguments for ffprobe that print the header. */
export function headerArguments(path: string, maxPixels: number): string[] {
  return [...probeArguments(maxPixels), "-show_format", "-show_streams", "-of", "json", inputUrl(path)];
}

/**
 * @param name of the video, for messages.
 * @param complaints what ffprobe printed besides: it gives size 0x0 to pictures that are too large for it.
 * @throws InputError no-video-stream, encrypted, incomplete-metadata, limit-pixels.
 */
export function readHeader(json: string, name: string, complaints: string, maxPixels: number): ProbeHeader {
  const { streams, format } = v.parse(HeaderJson, JSON.parse(json));
  const video = preferred(
    streams.filter((s) => s.codec_type === "video" && s.disposition?.attached_pic !== 1),
  );
  if (video === undefined) throw noVideoError(streams, name);
  if (streams.some(isEncrypted)) throw encryptedError(name);
  const size = upright(video);
  const refused = size.width === 0 ? TOO_MANY_PIXELS.exec(complaints)?.[1] : undefined;
  if (refused !== undefined || size.width * size.height > maxPixels) {
    throw tooManyPixelsError(refused ?? `${size.width}x${size.height}`, name, maxPixels);
  }
  const timeBase = fraction(video.time_base);
  if (size.width === 0 || size.height === 0 || video.codec_name === undefined || timeBase === null) {
    throw new InputError(
      "incomplete-metadata",
      `Cannot split a video as its header lacks the size, codec or clock: ${name} has ${size.width}x${size.height}, ` +
        `codec ${video.codec_name ?? "unknown"}. Remuxing may help: ffmpeg -i IN -c copy OUT.mp4`,
    );
  }
  const audio = preferred(streams.filter((s) => s.codec_type === "audio" && s.codec_name !== undefined));
  return {
    ...size,
    picture: pictureFormat(video, size),
    videoStream: video.index,
    audioStream: audio?.index ?? null,
    videoCodec: video.codec_name,
    audioCodec: audio?.codec_name ?? null,
    audioSampleRate: positive(Number(audio?.sample_rate)),
    pixelFormat: video.pix_fmt ?? "unknown",
    seekable: INDEXED_FORMATS.test(format.format_name ?? ""),
    bitRate: positive(Number(video.bit_rate)) ?? positive(Number(format.bit_rate)),
    timeBase,
    claimedSeconds: positive(Number(video.duration)),
    averageFrameRate: quotient(video.avg_frame_rate),
    baseFrameRate: quotient(video.r_frame_rate),
  };
}

/** Not every header tells: of some files only the packets do. */
export function encryptedError(name: string): InputError {
  return new InputError("encrypted", `Cannot split a video as it is encrypted: ${name}. Decrypt it first.`, {
    skipped: true,
  });
}

/** @param size as width x height. */
export function tooManyPixelsError(size: string, name: string, maxPixels: number): InputError {
  return new InputError(
    "limit-pixels",
    `Cannot split a video as its frames have more pixels than --max-pixels ${maxPixels}: ${name} has ${size}. ` +
      "Raise that limit if the machine has the memory, or scale the video down first.",
  );
}

function noVideoError(streams: readonly Stream[], name: string): InputError {
  const has = (type: string): boolean => streams.some((stream) => stream.codec_type === type);
  const what = has("video") ? "only a cover picture" : has("audio") ? "only sound" : "no stream to show";
  return new InputError("no-video-stream", `Cannot split a file as it holds ${what}: ${name}. Leave it out`, {
    skipped: true,
  });
}

/** The codec tag of an encrypted sample entry, or the keys' description in a side table of either stream. */
function isEncrypted(stream: Stream): boolean {
  const described = stream.side_data_list?.some((data) => data.side_data_type?.startsWith("Encryption"));
  return described === true || /^enc[av]$/.test(stream.codec_tag_string ?? "");
}

function preferred(streams: readonly Stream[]): Stream | undefined {
  return streams.find((s) => s.disposition?.default === 1) ?? streams[0];
}

/** ffmpeg turns frames by multiples of 90 degrees; by other angles it slants them within their size. */
function upright(video: Stream): Pick<ProbeHeader, "rotationDegrees" | "width" | "height"> {
  const counterclockwise = video.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0;
  const quarters = (((-counterclockwise / 90) % 4) + 4) % 4;
  const turns = Math.abs(quarters - Math.round(quarters)) < 1 / 90 ? Math.round(quarters) % 4 : 0;
  const [width, height] = [video.width ?? 0, video.height ?? 0];
  return {
    rotationDegrees: turns * 90,
    width: turns % 2 === 1 ? height : width,
    height: turns % 2 === 1 ? width : height,
  };
}

/** "30000/1001" as two positive integers, or null. */
function fraction(written: string | undefined): [number, number] | null {
  const [numerator, denominator] = (written ?? "").split("/").map((part) => positive(Number(part)));
  return numerator && denominator ? [numerator, denominator] : null;
}

function quotient(written: string | undefined): number | null {
  const parts = fraction(written);
  return parts === null ? null : parts[0] / parts[1];
}

function positive(value: number): number | null {
  return Number.isFinite(value) && value > 0 ? value : null;
}
