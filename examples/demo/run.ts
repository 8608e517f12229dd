// The demo: makes short videos with planted near-duplicates, runs `clipsieve run` on them as a user would, and checks the
// result against what was planted (judge.ts says how). Everything lands in ./demo-out. Exits 1 where the result is wrong.
import { spawn, spawnSync } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { type DemoClip, type InputOutcome, judge, type Removal, type VideoRow } from "./judge.ts";
import { sceneSeconds } from "./recipe.ts";
import { makeVideos } from "./videos.ts";

const repository: string = join(import.meta.dirname, "../..");
const videoFolder = "demo-out/videos";
const resultFolder = "demo-out/result";

interface RunRecord {
  readonly inputs: readonly InputOutcome[];
  readonly stages: readonly { readonly name: string; readonly seconds: number }[];
  readonly adapter: { readonly name?: string } | null;
}

const print = (line = ""): void => void process.stdout.write(`${line}\n`);

/** Runs the command line in a process of its own; progress goes to the terminal. Resolves to its exit code. */
function clipsieve(...args: readonly string[]): Promise<number> {
  print(`$ clipsieve ${args.join(" ")}`);
  const child = spawn(process.execPath, ["src/cli/main.ts", ...args], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1)));
  });
}

async function filesBelow(folder: string, suffix: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith(suffix)).map((name) => join(folder, name));
}

async function readClips(paths: readonly string[]): Promise<DemoClip[]> {
  const files = await filesBelow(join(resultFolder, "metas/v0"), ".json");
  return Promise.all(
    files.map(async (file) => {
      const clip = JSON.parse(await readFile(file, "utf8")) as {
        readonly span_uuid: string;
        readonly source_video: string;
        readonly duration_span: readonly [number, number];
      };
      const path = paths.find(
        (known) => clip.source_video === known || clip.source_video.endsWith(`/${known}`),
      );
      if (path === undefined)
        throw new Error(`${file} names a video that the demo did not make: ${clip.source_video}`);
      return { id: clip.span_uuid, path, startSeconds: clip.duration_span[0] };
    }),
  );
}

async function readRemovals(): Promise<Removal[]> {
  const files = await filesBelow(join(resultFolder, "semantic_dedup/duplicates"), ".parquet");
  const tables = await Promise.all(
    files.map(async (file) => parquetReadObjects({ file: await asyncBufferFromFile(file) })),
  );
  return tables.flat().map((row) => ({ id: row.id, keptId: row.kept_id, similarity: row.cosine_sim_score }));
}

/** Columns of equal width; numbers stand on the right. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const all = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const numeric = head.map((_, column) => rows.every((row) => !/[a-z]/i.test(String(row[column]))));
  const lines = all.map((row) =>
    row
      .map((cell, column) =>
        numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join("  ")
      .trimEnd(),
  );
  return [lines[0]!, widths.map((width) => "-".repeat(width)).join("  "), ...lines.slice(1)];
}

function printTables(rows: readonly VideoRow[], record: RunRecord, wallSeconds: number): void {
  const sum = (pick: (row: VideoRow) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  print();
  for (const line of table(
    ["video", "what it is", "outcome", "clips", "removed", "similarity"],
    rows.map((row) => [
      row.path,
      row.kind,
      row.outcome,
      row.clipCount,
      row.removedCount,
      row.similarity?.toFixed(4) ?? "",
    ]),
  )) {
    print(line);
  }
  const clipCount = sum((row) => row.clipCount);
  const removedCount = sum((row) => row.removedCount);
  const without = rows.filter((row) => row.clipCount === 0);
  print();
  for (const line of table(
    ["", "total"],
    [
      ["videos", rows.length],
      ["clips", clipCount],
      ["duplicates removed", removedCount],
      ["clips kept", clipCount - removedCount],
      ["videos failed or passed over", without.length],
      ...record.stages.map(({ name, seconds }) => [`seconds in ${name}`, seconds.toFixed(1)]),
      ["seconds in all", wallSeconds.toFixed(1)],
    ],
  ).slice(2)) {
    print(line);
  }
  print(`adapter: ${record.adapter?.name ?? "none"}`);
}

async function main(): Promise<number> {
  process.chdir(repository);
  if (spawnSync("ffmpeg", ["-version"]).error !== undefined) {
    print(
      "Cannot make the demo's videos as ffmpeg is not on the PATH. Install it (Debian: sudo apt-get install ffmpeg),",
    );
    print("or run clipsieve on videos of your own, which needs no ffmpeg: node src/cli/main.ts run --help");
    return 1;
  }
  const { truth, made } = await makeVideos(videoFolder);
  print(`${truth.files.length} videos in ${videoFolder}${made ? "" : ", made by an earlier run"}`);

  // A finished run would be found and not done again, which shows nothing.
  await rm(resultFolder, { recursive: true, force: true });
  const began = performance.now();
  const length = ["--fixed-stride-split-duration", String(sceneSeconds)];
  const code = await clipsieve(
    "run",
    "--video-dir",
    videoFolder,
    "--output-path",
    resultFolder,
    ...length,
    "--json",
  );
  const wallSeconds = (performance.now() - began) / 1000;
  // One video is cut off, so that "done, but some inputs failed" is what a right run says.
  if (code !== 3) {
    print(
      `The demo failed: clipsieve ended with exit code ${code}, and 3 was expected as one video is broken`,
    );
    return code === 130 ? 130 : 1;
  }

  const record = JSON.parse(await readFile(join(resultFolder, "run.json"), "utf8")) as RunRecord;
  const clips = await readClips(truth.files.map(({ path }) => path));
  const { rows, faults } = judge(truth, record.inputs, clips, await readRemovals(), sceneSeconds);
  printTables(rows, record, wallSeconds);
  print();
  print(`clips and metadata   ${resultFolder}/clips, ${resultFolder}/metas/v0`);
  print(`what was removed     ${resultFolder}/semantic_dedup/duplicates`);
  print(`training shards      ${resultFolder}/wds`);
  print(`the run in one file  ${resultFolder}/run.json`);
  print();
  for (const fault of faults) print(`wrong: ${fault}`);
  const plain = "of each picture shown, one clip is kept (the original or its copy, whichever ranks first)";
  print(
    faults.length === 0
      ? `The demo passed: every planted duplicate was removed, and ${plain}`
      : "The demo failed",
  );
  return faults.length === 0 ? 0 : 1;
}

process.exitCode = await main();
