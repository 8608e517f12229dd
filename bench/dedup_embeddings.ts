// Writes embeddings to measure the dedup command on: unit rows around random centres, and near-duplicates planted among
// them, as several Parquet files with ids that say what is planted.
//   node bench/dedup_embeddings.ts FOLDER [--rows 100000] [--dim 512] [--centers 300] [--planted 0.1] [--files 4] [--seed 1]
// Originals of one centre have a similarity near 0.5, a planted row and its original one near 1 - 0.25 eps for eps 0.01:
// the rows to remove are known, "p<row>-<original>", whatever the clusters, save where a boundary parts a pair.
import { parseArgs } from "node:util";
import { openStorage } from "../src/io/open_storage.ts";
import { createParquetWriter } from "../src/io/parquet_write.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: "string", default: "100000" },
    dim: { type: "string", default: "512" },
    centers: { type: "string", default: "300" },
    planted: { type: "string", default: "0.1" },
    files: { type: "string", default: "4" },
    seed: { type: "string", default: "1" },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error("Cannot write embeddings as no folder is given. Give one");
const [rowCount, dim, centerCount, fileCount] = [
  Number(values.rows),
  Number(values.dim),
  Number(values.centers),
  Number(values.files),
];
const random = xorshift(Number(values.seed));
const plantedShare = Number(values.planted);

/** Length of the noise around a centre: cosine of two originals is 1 / (1 + 1). */
const spread = 1;
/** Length of the noise around an original: cosine near 1 - 0.05^2 / 2 / ... of 0.9975. */
const nudge = 0.05;

const centers = Array.from({ length: centerCount }, () => direction());
/** Originals that later rows copy, a reservoir of recent ones. */
const originals: { readonly row: number; readonly values: Float32Array }[] = [];
const storage = openStorage(folder);
const blockRows = 2048;
let row = 0;
for (let file = 0; file < fileCount; file++) {
  const end = Math.floor(((file + 1) * rowCount) / fileCount);
  const writer = await createParquetWriter(storage, `part_${file}.parquet`, [
    { name: "id", type: "string" },
    { name: "embedding", type: "embedding", dimension: dim },
  ]);
  while (row < end) {
    const count = Math.min(blockRows, end - row);
    const ids: string[] = [];
    const block = new Float32Array(count * dim);
    for (let i = 0; i < count; i++, row++) {
      const planted = originals.length > 0 && random() < plantedShare;
      if (planted) {
        const original = originals[Math.floor(random() * originals.length)]!;
        ids.push(`p${row}-${original.row}`);
        block.set(near(original.values, nudge), i * dim);
      } else {
        const made = near(centers[Math.floor(random() * centerCount)]!, spread);
        ids.push(`r${row}`);
        block.set(made, i * dim);
        if (originals.length < 4096) originals.push({ row, values: made });
        else originals[Math.floor(random() * originals.length)] = { row, values: made };
      }
    }
    await writer.writeRows({ id: ids, embedding: block });
  }
  await writer.close();
}

/** A unit row at about the given distance from another, before both are scaled. */
function near(center: Float32Array, distance: number): Float32Array {
  const noise = direction();
  return unit(noise.map((value, i) => center[i]! + distance * value));
}

function direction(): Float32Array {
  // The sum of four uniform numbers is near enough to normal for a direction without an axis.
  return unit(Float32Array.from({ length: dim }, () => random() + random() + random() + random() - 2));
}

function unit(values: Float32Array): Float32Array {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value / length);
}

/** xorshift32 (Marsaglia, 2003), in [0, 1). */
function xorshift(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
