// The videos of the split bench, made with ffmpeg, and ffmpeg called in the ways that our split is held against.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type CommandRun, timeCommand } from "./command_run.ts";

/** What our split asks of libx264. */
const encode: readonly string[] = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-bf", "0"];
const quiet: readonly string[] = ["-nostdin", "-v", "error", "-y"];
/** As many clips as NeMo Curator gives to one ffmpeg (--transcode-encode-batch-size). */
const NEMO_BATCH = 16;

export interface BenchVideo {
  readonly path: string;
  readonly seconds: number;
}

/** A moving picture with grain and a tone, a key frame every two seconds; a short one is made and repeated. */
export async function makeVideo(path: string, size: string, seconds: number): Promise<BenchVideo> {
  const made = Math.min(seconds, 30);
  const picture = `testsrc2=size=${size}:rate=30:duration=${made},noise=alls=8:all_seed=1`;
  const codec = ["-c:v", "libx264", "-preset", "veryfast", "-g", "60", "-pix_fmt", "yuv420p"];
  const once = `${path}.once.mp4`;
  await timeCommand("ffmpeg", [...quiet, "-f", "lavfi", "-i", picture, ...codec, once]);
  // Sound comes last: packets of it are a little longer than the picture, and each round would begin that much later.
  const looped = ["-stream_loop", String(Math.round(seconds / made) - 1), "-i", once];
  const sound = ["-f", "lavfi", "-i", `sine=frequency=440:duration=${seconds}`];
  const streams = ["-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac"];
  await timeCommand("ffmpeg", [...quiet, ...looped, ...sound, ...streams, path]);
  rmSync(once);
  return { path, seconds };
}

export async function ffmpegVersion(): Promise<string | null> {
  const { stdout } = await timeCommand("ffmpeg", ["-version"]);
  return /version (\S+)/.exec(stdout)?.[1] ?? null;
}

/** The floor: one command that decodes once, and encodes and cuts as our split does. */
export async function cutInOneCommand(
  video: BenchVideo,
  folder: string,
  clipSeconds: number,
): Promise<CommandRun> {
  renew(folder);
  const cuts = starts(video, clipSeconds).slice(1).join(",");
  const segments = [
    "-f",
    "segment",
    "-segment_times",
    cuts,
    "-segment_format_options",
    "movflags=+faststart",
  ];
  return await timeCommand("ffmpeg", [
    ...[...quiet, "-i", video.path, "-map", "0:v", "-map", "0:a", ...encode, "-force_key_frames", cuts],
    ...["-c:a", "copy", ...segments, "-reset_timestamps", "1", join(folder, "%06d.mp4")],
  ]);
}

/** NeMo Curator's way: sixteen clips a process, each with a seek, a decoder and an encoder of its own. */
export async function cutInBatches(
  video: BenchVideo,
  folder: string,
  clipSeconds: number,
  threads: readonly string[],
): Promise<CommandRun> {
  renew(folder);
  const all = starts(video, clipSeconds);
  const runs: CommandRun[] = [];
  for (let first = 0; first < all.length; first += NEMO_BATCH) {
    const batch = all.slice(first, first + NEMO_BATCH);
    const span = (start: number): string[] => ["-ss", String(start), "-to", String(start + clipSeconds)];
    const inputs = batch.flatMap((start) => [...threads, ...span(start), "-i", video.path]);
    const outputs = batch.flatMap((start, i) => [
      ...["-map", `${i}:v:0`, ...encode, ...threads, "-map", `${i}:a:0?`, "-c:a", "copy"],
      join(folder, `${start}.mp4`),
    ]);
    runs.push(await timeCommand("ffmpeg", [...quiet, ...inputs, ...outputs]));
  }
  return sum(runs);
}

/** A process for each clip, nothing encoded. */
export async function copyOneByOne(
  video: BenchVideo,
  folder: string,
  clipSeconds: number,
): Promise<CommandRun> {
  renew(folder);
  const runs: CommandRun[] = [];
  for (const start of starts(video, clipSeconds)) {
    const span = ["-ss", String(start), "-to", String(start + clipSeconds)];
    runs.push(
      await timeCommand("ffmpeg", [
        ...quiet,
        ...span,
        "-i",
        video.path,
        "-c",
        "copy",
        join(folder, `${start}.mp4`),
      ]),
    );
  }
  return sum(runs);
}

function starts({ seconds }: BenchVideo, clipSeconds: number): number[] {
  return Array.from({ length: Math.ceil(seconds / clipSeconds) }, (_, i) => i * clipSeconds);
}

function renew(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

function sum(runs: readonly CommandRun[]): CommandRun {
  const total = (of: (run: CommandRun) => number | null): number | null =>
    runs.some((run) => of(run) === null) ? null : runs.reduce((all, run) => all + of(run)!, 0);
  return {
    seconds: runs.reduce((all, { seconds }) => all + seconds, 0),
    cpuSeconds: total(({ cpuSeconds }) => cpuSeconds),
    peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes ?? 0)),
    stdout: "",
  };
}
