// The smoke suite that every runtime runs, as a plain module without a test framework: kernels against their float64 twins
// on small cases, the ways that skip work against those that do all of it, then the dedup pipeline, Parquet to Parquet, in
// a memory storage.

import { kmeansAssign } from "../../src/kernels/kmeans_assign.ts";
import { kmeansScreen } from "../../src/kernels/kmeans_screen.ts";
import {
  assign,
  frameToTensor,
  GpuContext,
  kmeans,
  meanPool,
  pairwise,
  pairwisePairs,
  rowNormalize,
} from "../../src/kernels.ts";
import {
  createParquetWriter,
  IdentifyDuplicatesStage,
  KMeansStage,
  MemoryStorage,
  PairwiseStage,
  Pipeline,
  Runtime,
  readTable,
} from "../../src/mod.ts";
import {
  frameToTensor as frameToTensorTwin,
  kmeansAssign as kmeansAssignTwin,
  meanPool as meanPoolTwin,
  pairwiseScreen as pairsTwin,
  pairwiseMax as pairwiseTwin,
  rowNormalize as rowNormalizeTwin,
} from "../../src/reference.ts";
import type { YuvFrame } from "../../src/types.ts";
import { randomNormals } from "../support/random.ts";

export interface SmokeResult {
  readonly adapter: string;
  readonly passed: readonly string[];
  /** Name of the check, and why it failed. */
  readonly failed: readonly string[];
}

const rowCount = 67;
const dim = 33;
/** Sums of 33 f32 products of values near 1. */
const tolerance = 1e-5;
/** Largest cosine distance of duplicates. */
const eps = 0.05;

/** A name, and work that resolves to a complaint or to nothing. */
export type SmokeCheck = readonly [name: string, work: () => Promise<string | undefined>];

/** @param more checks of what only some runtimes have. */
export async function smoke(more: readonly SmokeCheck[] = []): Promise<SmokeResult> {
  const gpu = await GpuContext.acquire();
  const passed: string[] = [];
  const failed: string[] = [];
  const check = async (name: string, work: () => Promise<string | undefined>): Promise<void> => {
    const complaint = await work().catch((error: unknown) => String(error));
    if (complaint === undefined) passed.push(name);
    else failed.push(`${name}: ${complaint}`);
  };
  const rows = randomNormals(rowCount * dim, 7);
  const unit = rowNormalizeTwin(rows, dim).rows;
  const planted = plantedRows(unit);
  await check("row_normalize", async () => differ((await rowNormalize(gpu, rows, dim)).rows, unit));
  await check("mean_pool", async () => {
    const offsets = Uint32Array.of(0, 1, 30, rowCount);
    return differ(await meanPool(gpu, rows, dim, offsets), meanPoolTwin(rows, dim, offsets));
  });
  await check("frame_to_tensor", async () =>
    differ(await frameToTensor(gpu, [frame], rule), frameToTensorTwin([frame], rule)),
  );
  await check("pairwise_max", async () => {
    const expected = pairwiseTwin(unit, dim);
    const { scores, maxIndex } = await pairwise(gpu, unit, dim);
    return differ(scores, expected.scores) ?? differ(maxIndex, expected.maxIndex);
  });
  await check("kmeans_assign", async () => {
    const centroids = unit.slice(0, 5 * dim);
    const { labels, l2Distances } = await assign(gpu, unit, centroids, dim);
    const expected = kmeansAssignTwin(unit, centroids, dim);
    return differ(labels, expected.labels) ?? differ(l2Distances, expected.distances.map(Math.sqrt));
  });
  await check("kmeans_screen", async () => {
    const centroids = unit.slice(0, 9 * dim).map((value) => value * 0.8);
    const { labels, doubtful, duels } = await kmeansScreen(gpu, unit, centroids, dim);
    const exact = await kmeansAssign(gpu, unit, centroids, dim);
    const [listed, rivals] = [new Set(doubtful), new Map(duels)];
    const wrong = [...exact.labels].findIndex(
      (label, row) => labels[row] !== label && rivals.get(row) !== label && !listed.has(row),
    );
    if (wrong >= 0) return `row ${wrong} has label ${labels[wrong]}, not ${exact.labels[wrong]}`;
    return doubtful.length + duels.length < rowCount / 2
      ? undefined
      : `${doubtful.length} rows and ${duels.length} duels are in doubt`;
  });
  await check("thresholded pairwise", async () => {
    const exact = await pairwise(gpu, planted, dim);
    const { scores, maxIndex } = await pairwise(gpu, planted, dim, { scores: "thresholded", eps });
    const duplicates = exact.scores.map((score) => (score >= Math.fround(1 - eps) ? 1 : 0));
    if (!duplicates.includes(1)) return "no duplicates were planted";
    return (
      differ(
        scores,
        exact.scores.map((score, row) => score * duplicates[row]!),
        0,
      ) ??
      differ(
        maxIndex,
        exact.maxIndex.map((index, row) => (duplicates[row] === 1 ? index : row)),
      )
    );
  });
  await check("similar pairs", async () => {
    const { later, earlier, scores } = await pairwisePairs(gpu, planted, dim, { threshold: 1 - eps });
    const expected = pairsTwin(planted, dim, 1 - eps);
    return (
      differ(later, expected.later) ?? differ(earlier, expected.earlier) ?? differ(scores, expected.scores)
    );
  });
  await check("kmeans", async () => {
    const { iterations, centroids, labels, l2Distances } = await kmeans(gpu, rows, dim, { nClusters: 5 });
    const rises = iterations.findIndex(
      ({ inertia }, round) => round > 0 && inertia > iterations[round - 1]!.inertia * (1 + tolerance),
    );
    if (rises >= 0) return `the inertia rises in round ${rises}`;
    const expected = kmeansAssignTwin(unit, centroids, dim);
    return differ(labels, expected.labels) ?? differ(l2Distances, expected.distances.map(Math.sqrt));
  });
  await check("dedup pipeline", () => dedup(gpu));
  for (const [name, work] of more) await check(name, work);
  const { name } = gpu.adapter;
  gpu.destroy();
  return { adapter: name, passed, failed };
}

const frame: YuvFrame = {
  width: 19,
  height: 13,
  matrix: "bt709",
  range: "limited",
  data: Uint8Array.from({ length: 19 * 13 + 2 * 10 * 7 }, (_, index) => (index * 37) % 256),
};

const rule = {
  outWidth: 8,
  outHeight: 8,
  filter: "bilinear",
  crop: "center",
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
} as const;

/** Every fifth row is an earlier one with a little noise, which leaves a cosine of about 0.998. */
function plantedRows(unit: Float32Array): Float32Array {
  const noise = randomNormals(rowCount * dim, 9);
  const rows = unit.map((value, at) => {
    const row = Math.floor(at / dim);
    if (row % 5 > 0 || row === 0) return value;
    return unit[Math.floor(row / 2) * dim + (at % dim)]! + 0.01 * noise[at]!;
  });
  return rowNormalizeTwin(rows, dim).rows;
}

/** 20 random rows and an exact copy of each: one of every pair must go, and its keeper must stay. */
async function dedup(gpu: GpuContext): Promise<string | undefined> {
  const storages = new Map<string, MemoryStorage>();
  const openStorage = (location: string): MemoryStorage => {
    const known = storages.get(location) ?? new MemoryStorage(location);
    storages.set(location, known);
    return known;
  };
  const originals = randomNormals(20 * dim, 3);
  const writer = await createParquetWriter(openStorage("input"), "rows.parquet", [
    { name: "id", type: "string" },
    { name: "embedding", type: "embedding", dimension: dim },
  ]);
  await writer.writeRows({
    id: Array.from({ length: 40 }, (_, row) => `${row % 20}-${row < 20 ? "a" : "b"}`),
    embedding: Float32Array.of(...originals, ...originals),
  });
  await writer.close();
  const absent = (): Promise<never> => Promise.reject(new Error("not part of this check"));
  const runtime = new Runtime({
    openStorage,
    openDevice: async () => gpu,
    openMediaEngine: absent,
    findModel: absent,
    openEncoder: absent,
  });
  const pipe = new Pipeline({ name: "smoke" })
    .addStage(new KMeansStage({ nClusters: 3, inputPath: "input", outputPath: "kmeans" }))
    .addStage(new PairwiseStage({ inputPath: "kmeans", outputPath: "pairwise" }))
    .addStage(
      new IdentifyDuplicatesStage({ inputPath: "pairwise", kmeansPath: "kmeans", outputPath: "out" }),
    );
  const { stages } = await pipe.run({ runtime });
  const failures = stages.flatMap(({ units }) => units.filter(({ status }) => status !== "done"));
  if (failures.length > 0) return JSON.stringify(failures);
  const { id = [], kept_id = [] } = await readTable(openStorage("out"), "duplicates/duplicates.parquet");
  const kept = new Set((await readTable(openStorage("out"), "kept/kept.parquet")).id);
  const pairs = id.every(
    (removed, row) =>
      String(removed).split("-")[0] === String(kept_id[row]).split("-")[0] && kept.has(kept_id[row]),
  );
  return id.length === 20 && kept.size === 20 && pairs
    ? undefined
    : `${id.length} removed, ${kept.size} kept`;
}

/** The first difference, or undefined. */
function differ(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  allowed: number = tolerance,
): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} values instead of ${expected.length}`;
  for (let i = 0; i < expected.length; i++) {
    if (!(Math.abs(actual[i]! - expected[i]!) <= allowed))
      return `[${i}] is ${actual[i]}, not ${expected[i]}`;
  }
  return undefined;
}
