// The split command without embeddings on one video of 720p, beside ffmpeg alone: the floor (one command that decodes and
// encodes the same), NeMo Curator's way (sixteen clips a process, each with its own seek), and for copies a process a clip. Then
// what sampling frames for an encoder adds, and whether parts side by side pay. Ways take turns: a busy machine disturbs all
// alike. The CPU seconds in the details are what to look at on a shared one.
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { MediaEngine, SplitRequest, VideoInfo } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { fixedStrideSpans } from "../../src/video/fixed_stride.ts";
import { sampleFrames } from "../../src/video/sample_frames.ts";
import { type CommandRun, clipsieveArguments, timeCommand } from "../command_run.ts";
import { benchRow } from "../harness.ts";
import { childrenCpuSeconds } from "../process_tree.ts";
import {
  type BenchVideo,
  copyOneByOne,
  cutInBatches,
  cutInOneCommand,
  ffmpegVersion,
  makeVideo,
} from "../split_videos.ts";
import type { Suite, SuiteContext } from "../suite.ts";
import { summarize } from "../timing.ts";

const clipSeconds = 10;
/** Copies cost so little that only short clips show what a process costs. */
const copiedSeconds = 2;
/** Frames of a clip that most models look at. */
const framesPerClip = 8;

interface Scale {
  readonly size: string;
  readonly seconds: number;
  readonly copySeconds: number;
  readonly rounds: number;
}

export const run: Suite = async (context) => {
  const scale: Scale = context.quick
    ? { size: "320x180", seconds: 30, copySeconds: 60, rounds: 1 }
    : { size: "1280x720", seconds: 120, copySeconds: 1200, rounds: 3 };
  const folder = join(context.files.folder, "split");
  mkdirSync(join(folder, "input"), { recursive: true });
  mkdirSync(join(folder, "long"), { recursive: true });
  let version: string | null;
  let video: BenchVideo;
  try {
    version = await ffmpegVersion();
    video = await makeVideo(join(folder, "input", "video.mp4"), scale.size, scale.seconds);
  } catch (error) {
    context.say(`split is passed over, as its videos are made with ffmpeg: ${(error as Error).message}`);
    return;
  }
  await besideFfmpeg(context, scale, folder, video, version);
  await withSampledFrames(context, scale, video);
  await inParts(context, scale, video);
  const long = await makeVideo(join(folder, "long", "video.mp4"), "640x360", scale.copySeconds);
  await copied(context, scale, folder, long, version);
};

async function besideFfmpeg(
  { gpu, emit }: SuiteContext,
  { size, seconds, rounds }: Scale,
  folder: string,
  video: BenchVideo,
  peerVersion: string | null,
): Promise<void> {
  const peers = {
    "ffmpeg, one command (floor)": () => cutInOneCommand(video, join(folder, "floor"), clipSeconds),
    "ffmpeg, 16 clips a process (NeMo)": () => cutInBatches(video, join(folder, "batches"), clipSeconds, []),
    "ffmpeg, the same with -threads 1 (NeMo's default)": () =>
      cutInBatches(video, join(folder, "batches"), clipSeconds, ["-threads", "1"]),
  };
  const output = join(folder, "out");
  const runs = await inTurns(rounds, {
    ours: () => split(join(folder, "input"), output, clipSeconds, "libx264"),
    ...peers,
  });
  const ours = runs.get("ours")!;
  const clips = Math.ceil(seconds / clipSeconds);
  const rate = clips / ours.seconds.median;
  for (const peer of Object.keys(peers)) {
    const theirs = runs.get(peer)!;
    emit(
      benchRow({
        ...{ suite: "split", name: "split", size: `1 x ${seconds} s, ${size}`, adapter: gpu.adapter.name },
        ...{ ours: ours.seconds.median, spread: ours.seconds.spread, rate, unit: "clips/s" },
        ...{ peer, peerVersion, peerTime: theirs.seconds.median },
        correct: holdsEveryFrame(output, clips, seconds * 30),
        details: { ...cpuDetails(ours, theirs), clipsPerSecondAndCore: rate / availableParallelism() },
      }),
    );
  }
}

async function copied(
  { gpu, emit }: SuiteContext,
  { copySeconds, rounds }: Scale,
  folder: string,
  video: BenchVideo,
  peerVersion: string | null,
): Promise<void> {
  const output = join(folder, "copied");
  const peer = "ffmpeg, a process a clip";
  const runs = await inTurns(Math.min(rounds, 2), {
    ours: () => split(join(folder, "long"), output, copiedSeconds, "copy"),
    [peer]: () => copyOneByOne(video, join(folder, "one_by_one"), copiedSeconds),
  });
  const [ours, theirs] = [runs.get("ours")!, runs.get(peer)!];
  const clips = copySeconds / copiedSeconds;
  emit(
    benchRow({
      ...{ suite: "split", name: "split, copy", size: `${clips} clips of ${copiedSeconds} s, 640x360` },
      ...{ adapter: gpu.adapter.name, ours: ours.seconds.median, spread: ours.seconds.spread },
      ...{ rate: clips / ours.seconds.median, unit: "clips/s", peer, peerVersion },
      peerTime: theirs.seconds.median,
      correct: holdsEveryFrame(output, clips, copySeconds * 30),
      details: cpuDetails(ours, theirs),
    }),
  );
}

/** The media engine alone, since an encoder would be measured too: sampled frames are taken and dropped. */
async function withSampledFrames(
  { gpu, emit }: SuiteContext,
  { size, seconds, rounds }: Scale,
  video: BenchVideo,
) {
  const { engine, request, info } = await engineAt(video);
  const samples = request.spans.map((span) => sampleFrames(info.frameTimes, span, framesPerClip));
  const delivered = { frames: 0 };
  const peer = "the same without frames";
  const runs = await inTurns(rounds, {
    ours: () => timed(() => cut(engine, { ...request, sampleFrames: samples }, delivered)),
    [peer]: () => timed(() => cut(engine, request)),
  });
  const [ours, theirs] = [runs.get("ours")!, runs.get(peer)!];
  emit(
    benchRow({
      ...{ suite: "split", name: `split, sampling ${framesPerClip} frames a clip` },
      ...{ size: `1 x ${seconds} s, ${size}`, adapter: gpu.adapter.name, peer },
      ...{ ours: ours.seconds.median, spread: ours.seconds.spread, peerTime: theirs.seconds.median },
      correct: delivered.frames === rounds * samples.length * framesPerClip,
      details: cpuDetails(ours, theirs),
    }),
  );
}

/** Two halves side by side, beside the whole: on few cores the encoder's own threads do as well. */
async function inParts({ gpu, emit }: SuiteContext, { size, seconds, rounds }: Scale, video: BenchVideo) {
  const { engine, request } = await engineAt(video);
  const middle = request.spans.length >> 1;
  const part = (from: number, to?: number): SplitRequest => ({
    ...{
      ...request,
      spans: request.spans.slice(from, to),
      sampleFrames: request.sampleFrames.slice(from, to),
    },
  });
  const delivered = { clips: 0 };
  const peer = "the whole in one run";
  const runs = await inTurns(rounds, {
    ours: () =>
      timed(() => Promise.all([part(0, middle), part(middle)].map((half) => cut(engine, half, delivered)))),
    [peer]: () => timed(() => cut(engine, request)),
  });
  const [ours, theirs] = [runs.get("ours")!, runs.get(peer)!];
  emit(
    benchRow({
      ...{ suite: "split", name: "split, two parts side by side", size: `1 x ${seconds} s, ${size}`, peer },
      ...{ adapter: gpu.adapter.name, ours: ours.seconds.median, spread: ours.seconds.spread },
      ...{ peerTime: theirs.seconds.median, correct: delivered.clips === rounds * request.spans.length },
      details: cpuDetails(ours, theirs),
    }),
  );
}

async function engineAt(
  video: BenchVideo,
): Promise<{ engine: MediaEngine; request: SplitRequest; info: VideoInfo }> {
  const engine = await createNativeEngine();
  const source = { kind: "file", path: video.path } as const;
  const info = await engine.probe(source);
  const spans = fixedStrideSpans(info, { clipLengthSeconds: clipSeconds });
  const request = {
    source,
    info,
    spans,
    encoder: "libx264",
    encoderThreads: 0,
    sampleFrames: spans.map(() => []),
  };
  return { engine, request, info };
}

async function cut(
  engine: MediaEngine,
  request: SplitRequest,
  counts: { frames?: number; clips?: number } = {},
) {
  await engine.split(request, {
    onClip: async () => {
      counts.clips = (counts.clips ?? 0) + 1;
    },
    onFrame: async () => {
      counts.frames = (counts.frames ?? 0) + 1;
    },
  });
}

async function split(input: string, output: string, seconds: number, encoder: string): Promise<CommandRun> {
  rmSync(output, { recursive: true, force: true });
  const places = ["--video-dir", input, "--output-path", output];
  const options = ["--no-generate-embeddings", "--transcode-encoder", encoder];
  const lengths = ["--fixed-stride-split-duration", String(seconds), "--fixed-stride-min-clip-length-s", "0"];
  const command = clipsieveArguments("split", ...places, ...options, ...lengths);
  return await timeCommand(process.execPath, command);
}

async function timed(work: () => Promise<unknown>): Promise<CommandRun> {
  const cpuBefore = childrenCpuSeconds();
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const cpuAfter = childrenCpuSeconds();
  const cpuSeconds = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore;
  return { seconds, cpuSeconds, peakBytes: null, stdout: "" };
}

interface Figures {
  readonly seconds: ReturnType<typeof summarize>;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/** Every way once a round, so that none has the machine to itself at a better time. */
async function inTurns(
  rounds: number,
  ways: Readonly<Record<string, () => Promise<CommandRun>>>,
): Promise<ReadonlyMap<string, Figures>> {
  const runs = new Map<string, CommandRun[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, way] of Object.entries(ways)) runs.get(name)!.push(await way());
  return new Map(
    [...runs].map(([name, all]) => [
      name,
      {
        seconds: summarize(all.map(({ seconds }) => seconds)),
        cpuSeconds: summarize(all.map(({ cpuSeconds }) => cpuSeconds ?? Number.NaN)).median,
        peakBytes: Math.max(...all.map(({ peakBytes }) => peakBytes ?? 0)),
      },
    ]),
  );
}

function cpuDetails(ours: Figures, theirs: Figures): Record<string, number> {
  const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
  return {
    runs: ours.seconds.runCount,
    ...(Number.isNaN(ours.cpuSeconds)
      ? {}
      : {
          cpuSeconds: ours.cpuSeconds,
          peerCpuSeconds: theirs.cpuSeconds,
          cpuRatio: theirs.cpuSeconds / ours.cpuSeconds,
        }),
    ...(ours.peakBytes === 0
      ? {}
      : { peakMebibytes: mebibytes(ours.peakBytes), peerPeakMebibytes: mebibytes(theirs.peakBytes) }),
  };
}

/** Whether there are so many clips, and all frames of the source in them, as their records say. */
function holdsEveryFrame(output: string, clips: number, frames: number): boolean {
  const records = readdirSync(join(output, "metas", "v0")).map(
    (name) =>
      JSON.parse(readFileSync(join(output, "metas", "v0", name), "utf8")) as { readonly num_frames: number },
  );
  const made = records.reduce((sum, { num_frames }) => sum + num_frames, 0);
  return records.length === clips && Math.abs(made - frames) <= 1;
}
