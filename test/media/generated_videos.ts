// Videos for the tests, made by ffmpeg's generators in a temporary folder, and ffmpeg itself as the independent judge.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type {
  ClipInfo,
  GrayFrame,
  MediaEngine,
  MediaSource,
  Preview,
  SampledFrame,
  SplitReport,
  SplitRequest,
  VideoInfo,
} from "../../src/media/engine.ts";
import { framesInSpan } from "../../src/media/frame_span.ts";
import type { Span } from "../../src/types.ts";

const run = promisify(execFile);

/** Runs ffmpeg with the given arguments; its standard output. */
export async function ffmpeg(...args: string[]): Promise<Buffer> {
  const all = ["-nostdin", "-v", "error", "-y", ...args];
  const { stdout } = await run("ffmpeg", all, { encoding: "buffer", maxBuffer: 1 << 28 });
  return stdout;
}

export async function ffprobe(...args: string[]): Promise<string> {
  const { stdout } = await run("ffprobe", ["-v", "error", ...args], { maxBuffer: 1 << 26 });
  return stdout.trim();
}

/** Input arguments of a moving test picture. */
export function picture(size: string, rate: string, seconds: number): string[] {
  return ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`];
}

export function tone(seconds: number): string[] {
  return ["-f", "lavfi", "-i", `sine=frequency=440:duration=${seconds}`];
}

export const fast: readonly string[] = ["-c:v", "libx264", "-preset", "ultrafast"];

/** Frames by ascending number as planar 4:2:0, one after the other, by ffmpeg's own counting and rotation. */
export function framesByNumber(
  path: string,
  frames: readonly number[],
  pixelFormat = "yuv420p",
): Promise<Buffer> {
  const wanted = frames.map((frame) => `eq(n\\,${frame})`).join("+");
  const select = ["-vf", `select=${wanted}`, "-vsync", "passthrough", "-pix_fmt", pixelFormat];
  return ffmpeg("-i", `file:${path}`, "-map", "0:v:0", ...select, "-f", "rawvideo", "pipe:1");
}

/** One digest for each frame that decoding the video yields, in display order. */
export async function frameDigests(path: string): Promise<string[]> {
  const text = (
    await ffmpeg("-i", `file:${path}`, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-")
  ).toString();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => line.split(",").at(-1)!.trim());
}

export interface DecodedStreams {
  /** Frames that decoding the video yields. */
  readonly frameCount: number;
  readonly audioCodec: string | null;
}

/** What a player would find in a file. */
export async function decode(path: string): Promise<DecodedStreams> {
  const entries = ["-count_frames", "-show_entries", "stream=codec_type,codec_name,nb_read_frames"];
  const text = await ffprobe(...entries, "-of", "json", `file:${path}`);
  const { streams } = JSON.parse(text) as { streams: Record<string, string>[] };
  return {
    frameCount: Number(streams.find((stream) => stream.codec_type === "video")?.nb_read_frames),
    audioCodec: streams.find((stream) => stream.codec_type === "audio")?.codec_name ?? null,
  };
}

/** Writes the display matrix of an iPhone held upright, a quarter turn clockwise, into the track header of an mp4. */
export function turnClockwise(mp4: Buffer, codedHeight: number): void {
  const matrix = mp4.indexOf("tkhd") + 4 + 40;
  const fixed = [0, 0x10000, 0, -0x10000, 0, 0, codedHeight * 0x10000, 0, 0x40000000];
  fixed.forEach((value, i) => {
    mp4.writeInt32BE(value, matrix + 4 * i);
  });
}

export interface DeliveredClip {
  readonly index: number;
  readonly info: ClipInfo;
  readonly bytes: Buffer;
}

export interface SplitOutcome {
  readonly report: SplitReport;
  readonly clips: readonly DeliveredClip[];
  readonly frames: readonly SampledFrame[];
  readonly grayFrames: readonly GrayFrame[];
  readonly previews: readonly Preview[];
}

/** Splits and gathers all that is delivered. */
export async function splitAll(
  engine: MediaEngine,
  source: MediaSource,
  info: VideoInfo,
  spans: readonly Span[],
  options: Partial<SplitRequest> = {},
): Promise<SplitOutcome> {
  const clips: DeliveredClip[] = [];
  const frames: SampledFrame[] = [];
  const grayFrames: GrayFrame[] = [];
  const previews: Preview[] = [];
  const sampleFrames = spans.map((span) => {
    const { first, end } = framesInSpan(info.frameTimes, span);
    return end > first ? [first, Math.floor((first + end - 1) / 2), end - 1] : [];
  });
  const request = { source, info, spans, encoder: "libx264", encoderThreads: 0, sampleFrames, ...options };
  const report = await engine.split(request, {
    async onClip({ index, info: clipInfo, read }) {
      const parts: Uint8Array[] = [];
      for await (const part of read()) parts.push(part);
      clips.push({ index, info: clipInfo, bytes: Buffer.concat(parts) });
    },
    async onFrame(frame) {
      frames.push(frame);
    },
    async onGrayFrame(frame) {
      grayFrames.push(frame);
    },
    async onPreview(preview) {
      previews.push(preview);
    },
  });
  return { report, clips, frames, grayFrames, previews };
}
