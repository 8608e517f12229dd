// `clipsieve split` on every media file of the corpus, odd and hostile ones too, with ffmpeg alone as the judge of what can
// be decoded. The corpus lies beside the repository (../shared/testdata); where it is absent the one test left says so.
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ReasonCode, reasonCodes } from "../../src/errors.ts";
import { isVideoPath } from "../../src/video/video_extensions.ts";
import { watchMemory } from "../support/process_memory.ts";
import { type ClipRecord, countFrames, readClipRecords, twoAtATime } from "./output.ts";

const root = join(import.meta.dirname, "../..");
const corpus = join(root, "../shared/testdata");

interface Input {
  readonly path: string;
  readonly status: "ok" | "skipped" | "failed";
  readonly reason: ReasonCode | null;
  readonly message: string | null;
  readonly clips: number;
  readonly decodeErrors: number;
}

/** Reasons to make no clip of a file in which ffmpeg finds frames: limits, and what a video is not. */
const despiteFrames: ReadonlySet<ReasonCode> = new Set([
  "limit-pixels",
  "limit-frames",
  "limit-clips",
  "too-short",
  "playlist",
  "encrypted",
]);

/** Frames that ffmpeg gives of the first video stream that is no cover picture. */
async function framesByFfmpeg(path: string): Promise<number> {
  const args = [
    "-nostdin",
    "-v",
    "quiet",
    "-protocol_whitelist",
    "file",
    "-threads",
    "1",
    "-i",
    `file:${path}`,
  ];
  const output = ["-map", "0:V:0", "-fps_mode", "passthrough", "-f", "framecrc", "-"];
  const text = await promisify(execFile)("ffmpeg", [...args, ...output], { maxBuffer: 1 << 28 }).then(
    ({ stdout }) => stdout,
    (error: { readonly stdout?: string }) => error.stdout ?? "",
  );
  return text.split("\n").filter((line) => /^\d/.test(line)).length;
}

async function digestOf(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${size} ${mtimeMs} ${createHash("sha256")
    .update(await readFile(path))
    .digest("hex")}`;
}

function defineMediaTests(): void {
  const videos = readdirSync(corpus, { recursive: true, encoding: "utf8" }).filter(isVideoPath).sort();
  const digests = (): Promise<string[]> => twoAtATime(videos, (name) => digestOf(join(corpus, name)));
  let output = "";
  let exitCode: number | null = null;
  let before: readonly string[] = [];
  let inputs: readonly Input[] = [];
  let clips: readonly ClipRecord[] = [];
  let peakBytes = 0;

  beforeAll(async () => {
    output = await mkdtemp(join(tmpdir(), "clipsieve-corpus-"));
    before = await digests();
    const began = performance.now();
    const args = ["src/cli/main.ts", "split", "--video-dir", corpus, "--output-path", output, "--quiet"];
    const options = ["--no-generate-embeddings", "--max-clips-per-video", "1000"];
    const tiny = ["--fixed-stride-min-clip-length-s", "0.01"];
    const child = spawn(process.execPath, [...args, ...options, ...tiny], {
      cwd: root,
      stdio: ["ignore", "ignore", "ignore"],
    });
    const memory = watchMemory(child.pid!);
    exitCode = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    peakBytes = memory.stop();
    inputs = (JSON.parse(readFileSync(join(output, "run.json"), "utf8")) as { inputs: Input[] }).inputs;
    clips = await readClipRecords(output);
    const of = (status: string): number => inputs.filter((input) => input.status === status).length;
    console.log(
      `media: ${inputs.length} inputs (${of("ok")} ok, ${of("skipped")} skipped, ${of("failed")} failed), ${clips.length} clips, ` +
        `exit code ${exitCode}, ${((performance.now() - began) / 1000).toFixed(1)} s, at most ${(peakBytes / 1e6).toFixed(0)} MB`,
    );
    for (const { path, status, reason, message } of inputs)
      if (status !== "ok") console.log(`media: ${status} ${path}: ${reason}: ${message}`);
  });

  afterAll(() => rm(output, { recursive: true, force: true }));

  test("ends with 3, as some fail, and accounts for every file exactly once with a known reason", () => {
    expect(exitCode).toBe(3);
    expect(inputs.map(({ path }) => path).sort()).toEqual(videos);
    const unexplained = inputs.filter(
      ({ status, reason, message, clips: count }) =>
        (status === "ok") !== (reason === null && message === null && count > 0) ||
        (reason !== null && !reasonCodes.includes(reason)),
    );
    expect(unexplained).toEqual([]);
    expect(inputs.reduce((total, input) => total + input.clips, 0)).toBe(clips.length);
  });

  test("alters no original", async () => {
    expect(await digests()).toEqual(before);
  });

  test("whatever ffmpeg decodes yields clips, unless a limit or the kind of file says why", async () => {
    const unworked = inputs.filter(({ status, reason }) => status !== "ok" && !despiteFrames.has(reason!));
    const counted = await twoAtATime(unworked, async ({ path, reason }) => ({
      path,
      reason,
      frameCount: await framesByFfmpeg(join(corpus, path)),
    }));
    expect(counted.filter(({ frameCount }) => frameCount > 0)).toEqual([]);
  });

  test("clips hold every frame that ffmpeg decodes of an undamaged video", async () => {
    const sound = inputs.filter(({ status, decodeErrors }) => status === "ok" && decodeErrors === 0);
    const counted = await twoAtATime(sound, async ({ path }) => ({
      path,
      inClips: clips
        .filter((clip) => clip.source_video === path)
        .reduce((total, clip) => total + (clip.num_frames ?? 0), 0),
      decoded: await framesByFfmpeg(join(corpus, path)),
    }));
    expect(counted.filter(({ inClips, decoded }) => inClips !== decoded)).toEqual([]);
  });

  test("every clip decodes to the number of frames that its record says, and to one at least", async () => {
    const counted = await twoAtATime(clips, async ({ span_uuid, num_frames }) => ({
      num_frames,
      ...(await countFrames(join(output, "clips", `${span_uuid}.mp4`))),
    }));
    expect(
      counted.filter(({ frameCount, num_frames }) => frameCount !== num_frames || frameCount < 1),
    ).toEqual([]);
    expect(counted.filter(({ complaints }) => complaints !== "")).toEqual([]);
  });

  test("takes less than a gigabyte and a half, its ffmpegs included", () => {
    expect(peakBytes).toBeLessThan(1.5e9);
  });
}

if (existsSync(corpus)) {
  describe("clipsieve split on all media of the corpus", defineMediaTests);
} else {
  test("there is no corpus beside the repository: nothing to check", () => {
    console.log("media: nothing was checked, as ../shared/testdata is absent");
    expect(existsSync(corpus)).toBe(false);
  });
}
