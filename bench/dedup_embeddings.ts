// Writes embeddings to measure the dedup command on, the rows of embedding_data.ts, as several Parquet files with ids that say
// what is planted: "p<row>-<original>" is to be removed, whatever the clusters, save where a boundary parts a pair.
//   node bench/dedup_embeddings.ts FOLDER [--rows 100000] [--dim 512] [--centers 300] [--planted 10] [--files 4] [--seed 1] [--kind falling]
import { parseArgs } from "node:util";
import { openStorage } from "../src/io/open_storage.ts";
import { createParquetWriter } from "../src/io/parquet_write.ts";
import { type EmbeddingPlan, embeddingRows, originalOf } from "./embedding_data.ts";

const blockRows = 2048;

/** Writes the plan's rows below a folder; resolves to the ids of the planted rows. */
export async function writeEmbeddings(
  folder: string,
  plan: EmbeddingPlan,
  fileCount: number,
): Promise<string[]> {
  const storage = openStorage(folder);
  const planted: string[] = [];
  for (let file = 0, row = 0; file < fileCount; file++) {
    const end = Math.floor(((file + 1) * plan.rowCount) / fileCount);
    const writer = await createParquetWriter(storage, `part_${file}.parquet`, [
      { name: "id", type: "string" },
      { name: "embedding", type: "embedding", dimension: plan.dim },
    ]);
    while (row < end) {
      const count = Math.min(blockRows, end - row);
      const ids = Array.from({ length: count }, (_, i) => {
        const original = originalOf(plan, row + i);
        if (original < 0) return `r${row + i}`;
        planted.push(`p${row + i}-${original}`);
        return planted.at(-1)!;
      });
      await writer.writeRows({ id: ids, embedding: embeddingRows(plan, row, count) });
      row += count;
    }
    await writer.close();
  }
  return planted;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rows: { type: "string", default: "100000" },
      dim: { type: "string", default: "512" },
      centers: { type: "string", default: "300" },
      planted: { type: "string", default: "10" },
      files: { type: "string", default: "4" },
      seed: { type: "string", default: "1" },
      kind: { type: "string", default: "falling" },
    },
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error("Cannot write embeddings as no folder is given. Give one");
  const plan: EmbeddingPlan = {
    kind: values.kind as EmbeddingPlan["kind"],
    rowCount: Number(values.rows),
    dim: Number(values.dim),
    seed: Number(values.seed),
    centerCount: Number(values.centers),
    plantedEvery: Number(values.planted),
    groupRows: 0,
  };
  const planted = await writeEmbeddings(folder, plan, Number(values.files));
  console.log(`${plan.rowCount} x ${plan.dim} in ${folder}, ${planted.length} planted`);
}

if (import.meta.main) await main();
