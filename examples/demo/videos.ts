// Makes the demo's videos with ffmpeg's generators, and truth.json, which says what each one is. The same on every run:
// seeds are fixed and each encoder works in one thread. A folder whose files are whole is left as it is.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { copies, type Original, originals, sceneSeconds, unfit } from "./recipe.ts";
import { scenes } from "./scenes.ts";

export interface TrueFile {
  /** Relative to the folder of the videos. */
  readonly path: string;
  readonly role: "original" | "copy" | "unfit";
  /** What is seen; an original and its copies share it. */
  readonly content: string;
  /** What was done to it, in words. */
  readonly kind: string;
  /** Clips of `sceneSeconds` that it holds. */
  readonly clipCount: number;
  readonly sizeBytes: number;
}

export interface Truth {
  readonly recipe: string;
  readonly files: readonly TrueFile[];
}

const run = promisify(execFile);

/** Runs ffmpeg; the last argument is the file to write. */
async function ffmpeg(...args: readonly string[]): Promise<void> {
  const quiet = ["-hide_banner", "-v", "error", "-nostdin", "-y", "-filter_complex_threads", "1"];
  // Some containers hold a random id or the time of day, unless asked for the same bytes each time.
  await run("ffmpeg", [...quiet, ...args.slice(0, -1), "-fflags", "+bitexact", ...args.slice(-1)]);
}

/** What the original shows, as one filter graph that ends in [v]. */
function graphOf(video: Original): string {
  const parts = video.scenes.map((name, index) => {
    const scene = scenes[name]({ size: video.size, rate: video.rate, seconds: sceneSeconds }, `s${index}`);
    return `${scene},format=yuv420p,setsar=1[v${index}]`;
  });
  const labels = video.scenes.map((_, index) => `[v${index}]`).join("");
  // Two of seven frames are dropped, never the first: gaps of one and two frames in turn.
  const drop = video.variableRate ? ",select='not(eq(mod(n,7),3)+eq(mod(n,7),5))'" : "";
  return `${parts.join(";")};${labels}concat=n=${video.scenes.length}:v=1:a=0${drop}[v]`;
}

async function makeOriginal(video: Original, path: string): Promise<void> {
  const seconds = video.scenes.length * sceneSeconds;
  const sound =
    video.soundHertz === undefined
      ? []
      : ["-f", "lavfi", "-i", `sine=frequency=${video.soundHertz}:beep_factor=4:duration=${seconds}`];
  const maps =
    video.soundHertz === undefined
      ? ["-map", "[v]"]
      : ["-map", "[v]", "-map", "0:a", "-c:a", "aac", "-b:a", "64k"];
  const encode = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-threads", "1"];
  await ffmpeg(...sound, "-filter_complex", graphOf(video), ...maps, ...encode, path);
  if (video.turned) await noteRotation(path);
}

/**
 * Writes "turn by 90 degrees clockwise" into the track header of an MP4 (ISO/IEC 14496-12, 8.3.2: a 3x3 matrix at byte
 * 48 of `tkhd` version 0). By hand, since the option for it changed between versions of ffmpeg.
 */
async function noteRotation(path: string): Promise<void> {
  const bytes = await readFile(path);
  const header = (at: number): number => bytes.indexOf("tkhd", at, "latin1") - 4;
  let box = header(0);
  const heightOf = (start: number): number => bytes.readUInt32BE(start + 88);
  // The sound's track has no height.
  while (box >= 0 && heightOf(box) === 0) box = header(box + 8);
  if (box < 0) throw new Error(`Cannot note a rotation as the file has no video track: ${path}`);
  const one = 0x10000;
  const matrix = [0, one, 0, -one, 0, 0, heightOf(box), 0, 0x40000000];
  for (const [index, value] of matrix.entries()) bytes.writeInt32BE(value, box + 48 + 4 * index);
  await writeFile(path, bytes);
}

/** Runs jobs two at a time, since each encoder has one thread. */
async function twoAtATime(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const left = [...jobs];
  const worker = async (): Promise<void> => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await job();
  };
  await Promise.all([worker(), worker()]);
}

async function describe(folder: string): Promise<TrueFile[]> {
  const contentOf = new Map(originals.map((video) => [video.path, video]));
  const rows = [
    ...originals.map((video) => ({
      path: video.path,
      from: video.path,
      role: "original" as const,
      kind: "as made",
    })),
    ...copies.map(({ path, from, kind }) => ({ path, from, role: "copy" as const, kind })),
    ...unfit.map(({ path, from, kind }) => ({ path, from, role: "unfit" as const, kind })),
  ];
  return Promise.all(
    rows.map(async ({ from, ...row }) => {
      const source = contentOf.get(from);
      if (source === undefined) throw new Error(`The recipe names an original that it lacks: ${from}`);
      const { size: sizeBytes } = await stat(join(folder, row.path));
      return {
        ...row,
        content: source.content,
        clipCount: row.role === "unfit" ? 0 : source.scenes.length,
        sizeBytes,
      };
    }),
  );
}

function recipeDigest(): string {
  const text = JSON.stringify([originals.map((video) => [video, graphOf(video)]), copies, unfit]);
  return createHash("sha256").update(text).digest("hex");
}

/** The truth of a folder that was made before, where every file of it still has its size. */
async function findWhole(folder: string): Promise<Truth | undefined> {
  try {
    const truth = JSON.parse(await readFile(join(folder, "..", "truth.json"), "utf8")) as Truth;
    if (truth.recipe !== recipeDigest()) return undefined;
    for (const file of truth.files) {
      if ((await stat(join(folder, file.path))).size !== file.sizeBytes) return undefined;
    }
    return truth;
  } catch {
    return undefined;
  }
}

/** Makes the videos in `folder` and truth.json beside it. `made` is false where they were there already. */
export async function makeVideos(folder: string): Promise<{ readonly truth: Truth; readonly made: boolean }> {
  const whole = await findWhole(folder);
  if (whole !== undefined) return { truth: whole, made: false };
  await rm(folder, { recursive: true, force: true });
  const at = (path: string): string => join(folder, path);
  for (const { path } of [...originals, ...copies, ...unfit])
    await mkdir(dirname(at(path)), { recursive: true });

  await twoAtATime(originals.map((video) => () => makeOriginal(video, at(video.path))));
  await twoAtATime([
    ...copies.map((copy) => () => {
      const filter = copy.filter === undefined ? [] : ["-vf", copy.filter];
      return ffmpeg("-i", at(copy.from), ...filter, ...copy.encode, "-threads", "1", at(copy.path));
    }),
    ...unfit.map(({ path, from, bytesKept, seconds }) => async () => {
      if (seconds !== undefined)
        return ffmpeg("-i", at(from), "-t", String(seconds), "-threads", "1", at(path));
      const bytes = await readFile(at(from));
      await writeFile(at(path), bytes.subarray(0, Math.floor(bytes.length * (bytesKept ?? 1))));
    }),
  ]);

  const truth = { recipe: recipeDigest(), files: await describe(folder) };
  await writeFile(join(folder, "..", "truth.json"), `${JSON.stringify(truth, null, 2)}\n`);
  return { truth, made: true };
}
