// Measures an encoder on planted duplicates: every video of a folder and every generator of ffmpeg is degraded in each way of
// variants.ts; similarities to the original are set against those between different videos. Prints Markdown.
//   node models/builtin/evaluate.ts <folder of videos> <work folder> [model, default builtin]
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createEncoder } from "../../src/embed/encoder.ts";
import { findModel } from "../../src/embed/find_model.ts";
import { GpuContext } from "../../src/gpu/context.ts";
import { openStorage } from "../../src/io/open_storage.ts";
import { generators, listVideos, makeFile, sampleFrames, variants } from "./variants.ts";

const seconds = 5;
const [folder, work, algorithm = "builtin"] = process.argv.slice(2);
if (folder === undefined || work === undefined) {
  console.error("usage: node models/builtin/evaluate.ts <folder of videos> <work folder> [model]");
  process.exit(2);
}

interface Row {
  readonly name: string;
  readonly embedding: Float32Array;
}

const gpu = await GpuContext.acquire();
const model = await findModel(algorithm, { openStorage, modelDir: "./models" });
const encoder = await createEncoder({ ...model, device: "auto", gpu, log: (_, line) => console.error(line) });

async function embed(path: string, startSeconds = 0): Promise<Float32Array | undefined> {
  const frames = sampleFrames(path, { startSeconds, seconds, count: model.spec.frames });
  return frames.length === 0 ? undefined : await encoder.encode([frames]);
}

const sources = [
  ...Object.entries(generators).map(([name, graph]) => ({
    name: `generator/${name}`,
    path: makeFile(join(work, "sources", `${name}.mp4`), [
      ...["-f", "lavfi", "-i", graph, "-t", String(seconds)],
      ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-pix_fmt", "yuv420p"],
    ]),
  })),
  ...listVideos(folder).map((name) => ({ name, path: resolve(folder, name) })),
];

const originals: Row[] = [];
const nextClips: { readonly name: string; readonly similarity: number }[] = [];
const duplicates = new Map<string, { readonly name: string; readonly similarity: number }[]>();
const seen = new Set<string>();
let unreadable = 0;
for (const { name, path } of sources) {
  // Copies of the same bytes would count as different videos below.
  const digest = createHash("sha256").update(readFileSync(path)).digest("hex");
  if (seen.has(digest)) continue;
  seen.add(digest);
  try {
    const original = await embed(path);
    if (original === undefined) throw new Error("no frames");
    for (const { kind, arguments: how, extension } of variants) {
      const file = join(work, "variants", `${name}.${kind}`.replace(/[^\w.]+/g, "_"));
      const target = makeFile(`${file}.${extension}`, [
        ...["-t", String(seconds), "-i", path, "-map", "0:v:0", "-an", ...how, "-pix_fmt", "yuv420p"],
      ]);
      const embedding = await embed(target);
      if (embedding === undefined) throw new Error("no frames");
      const row = { name, similarity: cosine(original, embedding) };
      duplicates.set(kind, [...(duplicates.get(kind) ?? []), row]);
    }
    originals.push({ name, embedding: original });
    const next = await embed(path, seconds).catch(() => undefined);
    if (next !== undefined) nextClips.push({ name, similarity: cosine(original, next) });
  } catch {
    unreadable++;
    console.error(`left out: ${name}`);
  }
}

const pairs = originals
  .flatMap((a, i) =>
    originals.slice(i + 1).map((b) => ({
      name: `${a.name} and ${b.name}`,
      similarity: cosine(a.embedding, b.embedding),
    })),
  )
  .sort((a, b) => b.similarity - a.similarity);

console.log(`${originals.length} videos, ${unreadable} left out; ${encoder.description}\n`);
console.log("| planted duplicate | lowest | 10th percentile | median | at 0.99 or above |");
console.log("| --- | --- | --- | --- | --- |");
for (const [kind, rows] of duplicates) {
  const sorted = rows.map(({ similarity }) => similarity).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)]!.toFixed(4);
  const found = sorted.filter((similarity) => similarity >= 0.99).length;
  console.log(`| ${kind} | ${at(0)} | ${at(0.1)} | ${at(0.5)} | ${found} of ${sorted.length} |`);
}
const above = (limit: number) => pairs.filter(({ similarity }) => similarity >= limit).length;
console.log(
  `\nDifferent videos: ${pairs.length} pairs, ${above(0.9)} at 0.9 or above, ${above(0.97)} at 0.97, ${above(0.99)} at 0.99. Highest:\n`,
);
for (const { name, similarity } of pairs.slice(0, 12)) console.log(`- ${similarity.toFixed(4)} ${name}`);
console.log("\nLowest of the duplicates:\n");
const lowest = [...duplicates]
  .flatMap(([kind, rows]) => rows.map((row) => ({ ...row, kind })))
  .sort((a, b) => a.similarity - b.similarity);
for (const { name, kind, similarity } of lowest.slice(0, 12))
  console.log(`- ${similarity.toFixed(4)} ${kind}: ${name}`);
const consecutive = nextClips.map(({ similarity }) => similarity).sort((a, b) => b - a);
console.log(
  `\nConsecutive clips of ${seconds} s of one video: ${consecutive.length} pairs, ${consecutive.filter((s) => s >= 0.99).length} at 0.99 or above, median ${consecutive[Math.floor(consecutive.length / 2)]?.toFixed(4)}.`,
);
await encoder.close();
gpu.destroy();

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
