// The split command on generated videos, clips a second, without embeddings: what cutting and encoding alone take; beside the same
// ffmpeg called as NeMo Curator does, one input and one output for each clip, the same encoder and quality.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { clipsieveArguments, timeCommand } from "../command_run.ts";
import { benchRow } from "../harness.ts";
import type { Suite } from "../suite.ts";
import { summarize } from "../timing.ts";

const clipSeconds = 10;

export const run: Suite = async ({ gpu, quick, device, files, say, emit }) => {
  const [videoCount, seconds, size] = quick ? [1, 20, "320x180"] : [4, 30, "640x360"];
  const clipCount = (videoCount * seconds) / clipSeconds;
  const input = join(files.folder, "videos");
  const output = join(files.folder, "split_out");
  const byHand = join(files.folder, "ffmpeg_out");
  mkdirSync(input, { recursive: true });
  try {
    for (let i = 0; i < videoCount; i++) await makeVideo(join(input, `video_${i}.mp4`), size, seconds, i);
  } catch (error) {
    say(`split is passed over, as its videos are made with ffmpeg: ${(error as Error).message}`);
    return;
  }
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < (quick ? 1 : 2); i++) {
    rmSync(output, { recursive: true, force: true });
    const places = ["--video-dir", input, "--output-path", output, "--device", device];
    const options = ["--no-generate-embeddings", "--transcode-encoder", "libx264"];
    const command = clipsieveArguments("split", ...places, ...options);
    ours.push((await timeCommand(process.execPath, command)).seconds);
    theirs.push(await cutByHand(input, byHand, seconds));
  }
  const timing = summarize(ours);
  const made = readdirSync(output, { recursive: true }).filter((name) =>
    String(name).endsWith(".mp4"),
  ).length;
  const { stdout } = await timeCommand("ffmpeg", ["-version"]);
  emit(
    benchRow({
      suite: "split",
      name: "split",
      size: `${videoCount} x ${seconds} s, ${size}`,
      adapter: gpu.adapter.name,
      ours: timing.median,
      spread: timing.spread,
      rate: clipCount / timing.median,
      unit: "clips/s",
      peer: "ffmpeg, a process a video",
      peerVersion: /version (\S+)/.exec(stdout)?.[1] ?? null,
      peerTime: summarize(theirs).median,
      correct: made === clipCount,
      details: { clips: made },
    }),
  );
};

async function makeVideo(path: string, size: string, seconds: number, seed: number): Promise<void> {
  const source = `testsrc2=size=${size}:rate=30:duration=${seconds},hue=h=${seed * 40},noise=alls=8:all_seed=${seed}`;
  const encoder = ["-c:v", "libx264", "-preset", "veryfast", "-g", "60", "-pix_fmt", "yuv420p"];
  await timeCommand("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", source, ...encoder, path]);
}

/** Every video in turn: a seek, a decode and an encode for each clip, all clips of a video in one process. */
async function cutByHand(input: string, output: string, seconds: number): Promise<number> {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  let total = 0;
  for (const name of readdirSync(input)) {
    const starts = Array.from({ length: seconds / clipSeconds }, (_, i) => i * clipSeconds);
    const cut = (start: number): string[] => ["-ss", String(start), "-to", String(start + clipSeconds)];
    const inputs = starts.flatMap((start) => [...cut(start), "-i", join(input, name)]);
    const outputs = starts.flatMap((start, i) => [
      ...["-map", `${i}:v:0`, "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-bf", "0"],
      join(output, `${name}_${start}.mp4`),
    ]);
    total += (await timeCommand("ffmpeg", ["-v", "error", "-y", ...inputs, ...outputs])).seconds;
  }
  return total;
}
