// Runs the three dedup stages over folders of files, as the command does, for the tests of this folder.
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { GpuContext } from "../../src/gpu/context.ts";
import { openStorage } from "../../src/io/open_storage.ts";
import { createParquetWriter } from "../../src/io/parquet_write.ts";
import type { StageResult } from "../../src/pipeline/executor.ts";
import { LocalExecutor } from "../../src/pipeline/local_executor.ts";
import { IdentifyDuplicatesStage, type IdentifyDuplicatesStageOptions } from "../../src/stages/identify.ts";
import { KMeansStage, type KMeansStageOptions } from "../../src/stages/kmeans.ts";
import { PairwiseStage, type PairwiseStageOptions } from "../../src/stages/pairwise.ts";
import type { Stage } from "../../src/stages/stage.ts";
import { scratchFolder } from "../support/scratch_folder.ts";

export interface DedupRun {
  readonly kmeansPath: string;
  readonly pairwisePath: string;
  readonly outputPath: string;
  readonly results: readonly StageResult[];
  readonly warnings: readonly string[];
}

/** Runs stages in order on one device; warnings are collected. */
export async function runStages(
  gpu: GpuContext,
  stages: readonly Stage[],
): Promise<{ results: readonly StageResult[]; warnings: string[] }> {
  const warnings: string[] = [];
  const absent = (): Promise<never> => Promise.reject(new Error("not part of this test"));
  const results = await new LocalExecutor().run(stages, {
    openStorage,
    device: async () => gpu,
    mediaEngine: absent,
    model: absent,
    encoder: absent,
    shotModelFiles: absent,
    shotModel: absent,
    log: (level, message) => {
      if (level === "warn") warnings.push(message);
    },
    progress: () => {},
    signal: new AbortController().signal,
  });
  return { results, warnings };
}

export async function runDedup(
  gpu: GpuContext,
  kmeans: Omit<KMeansStageOptions, "outputPath">,
  pairwise: Pick<PairwiseStageOptions, "whichToKeep" | "simMetric" | "scores" | "eps"> = {},
  identify: Pick<IdentifyDuplicatesStageOptions, "eps" | "chain"> = {},
): Promise<DedupRun> {
  const outputPath = scratchFolder();
  const kmeansPath = join(outputPath, "kmeans");
  const pairwisePath = join(outputPath, "pairwise");
  const { idField = "id", embeddingField = "embedding" } = kmeans;
  const fields = { idField, embeddingField };
  const ran = await runStages(gpu, [
    new KMeansStage({ ...kmeans, outputPath: kmeansPath }),
    new PairwiseStage({ ...fields, ...pairwise, inputPath: kmeansPath, outputPath: pairwisePath }),
    new IdentifyDuplicatesStage({ ...fields, ...identify, inputPath: pairwisePath, kmeansPath, outputPath }),
  ]);
  return { kmeansPath, pairwisePath, outputPath, ...ran };
}

/** Writes embeddings.parquet into a folder: a null is a row without an embedding, rows may differ in length. */
export async function writeEmbeddings(
  folder: string,
  ids: readonly string[],
  rows: readonly (readonly number[])[],
  name = "embeddings.parquet",
): Promise<void> {
  const dimension = rows[0]?.length ?? 1;
  const writer = await createParquetWriter(openStorage(folder), name, [
    { name: "id", type: "string" },
    { name: "embedding", type: "embedding", dimension },
  ]);
  await writer.writeRows({ id: ids, embedding: Float32Array.from(rows.flat()) });
  await writer.close();
}

/** Rows of a query; DuckDB reads Parquet with no code of ours. */
export async function query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
