// Measures an encoder on videos whose relation is known: groups of the same content, and groups that only look alike.
// Compares the first 10 s of each; prints the range of similarities within every group, as Markdown.
//   node models/builtin/evaluate_pairs.ts <truth.json> [model, default builtin]
// truth.json: {positives: [{id, kind, members}], hard_negatives: [{id, why, members}]}, members relative to its folder.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createEncoder } from "../../src/embed/encoder.ts";
import { findModel } from "../../src/embed/find_model.ts";
import { GpuContext } from "../../src/gpu/context.ts";
import { openStorage } from "../../src/io/open_storage.ts";
import { sampleFrames } from "./variants.ts";

interface Group {
  readonly id: string;
  readonly kind?: string;
  readonly why?: string;
  readonly members: readonly string[];
}

const [truthPath, algorithm = "builtin"] = process.argv.slice(2);
if (truthPath === undefined) {
  console.error("usage: node models/builtin/evaluate_pairs.ts <truth.json> [model]");
  process.exit(2);
}
const truth = JSON.parse(readFileSync(truthPath, "utf8")) as {
  readonly positives: readonly Group[];
  readonly hard_negatives: readonly Group[];
};
const gpu = await GpuContext.acquire();
const model = await findModel(algorithm, { openStorage, modelDir: "./models" });
const encoder = await createEncoder({ ...model, device: "auto", gpu, log: (_, line) => console.error(line) });

for (const [title, groups] of [
  ["same content", truth.positives],
  ["look alike", truth.hard_negatives],
] as const) {
  console.log(`| ${title} | what | pairs | lowest | highest |\n| --- | --- | --- | --- | --- |`);
  for (const { id, kind, why, members } of groups) {
    const rows: Float32Array[] = [];
    for (const member of members) {
      const frames = sampleFrames(resolve(dirname(truthPath), member), {
        seconds: 10,
        count: model.spec.frames,
      });
      rows.push(await encoder.encode([frames]));
    }
    const similarities = rows
      .flatMap((a, i) => rows.slice(i + 1).map((b) => a.reduce((sum, value, k) => sum + value * b[k]!, 0)))
      .sort((a, b) => a - b);
    const [lowest, highest] = [similarities[0], similarities.at(-1)].map((value) => value?.toFixed(4));
    console.log(`| ${id} | ${kind ?? why} | ${similarities.length} | ${lowest} | ${highest} |`);
  }
  console.log();
}
await encoder.close();
gpu.destroy();
