// Rows, stores and measures that the tests of src/dedup share.
import { readFileSync } from "node:fs";
import type { PairwiseScores } from "../../src/dedup/pairwise.ts";
import {
  openRowStore,
  type RowSource,
  type RowStore,
  type RowStoreOptions,
} from "../../src/dedup/row_store.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { randomNormals, seededRandom } from "../support/random.ts";

/** Blocks of at most `blockRows` rows, opened anew each time. */
export function sourceOf(rows: Float32Array, dim: number, blockRows = 1000): RowSource {
  return async function* () {
    for (let first = 0; first < rows.length; first += blockRows * dim)
      yield { rows: rows.subarray(first, first + blockRows * dim) };
  };
}

/** Opens a store, lets `work` use it, and closes it. */
export async function withStore<T>(
  gpu: GpuContext,
  rows: Float32Array,
  options: RowStoreOptions & { readonly blockRows?: number },
  work: (store: RowStore) => Promise<T>,
): Promise<T> {
  const { blockRows, ...rest } = options;
  const store = await openRowStore(gpu, sourceOf(rows, options.dim, blockRows), rest);
  try {
    return await work(store);
  } finally {
    store.destroy();
  }
}

export function unitRows(rowCount: number, dim: number, seed: number): Float32Array {
  return rowNormalize(randomNormals(rowCount * dim, seed), dim).rows;
}

/** Seeded blobs: rows around `k` random directions, with the label each came from. */
export function blobs(
  rowCount: number,
  k: number,
  dim: number,
  spread: number,
  seed: number,
): { rows: Float32Array; truth: number[] } {
  const centers = unitRows(k, dim, seed);
  const noise = randomNormals(rowCount * dim, seed + 1);
  const random = seededRandom(seed + 2);
  const truth = Array.from({ length: rowCount }, () => Math.floor(random() * k));
  const rows = noise.map(
    (value, at) =>
      centers[truth[Math.floor(at / dim)]! * dim + (at % dim)]! + (spread * value) / Math.sqrt(dim),
  );
  return { rows, truth };
}

/** What thresholded scores are, made from exact ones. */
export function cut({ scores, maxIndex }: PairwiseScores, eps: number): PairwiseScores {
  return {
    scores: scores.map((score) => (score >= 1 - eps ? score : 0)),
    maxIndex: maxIndex.map((index, row) => (scores[row]! >= 1 - eps ? index : row)),
  };
}

/** Clusters whose rows are alike, some planted again with a little noise. */
export function plantedRows(rowCount: number, dim: number, seed: number): Float32Array {
  const { rows } = blobs(rowCount, 5, dim, 0.5, seed);
  const random = seededRandom(seed);
  const noise = randomNormals(rowCount * dim, seed + 9);
  for (let row = 1; row < rowCount; row++) {
    if (random() > 0.15) continue;
    const from = Math.floor(random() * row);
    for (let i = 0; i < dim; i++)
      rows[row * dim + i] = rows[from * dim + i]! + (0.1 * random() * noise[row * dim + i]!) / Math.sqrt(dim);
  }
  return rowNormalize(rows, dim).rows;
}

/** Row 0 and rows at angles to it whose cosine lies within 1e-6 of the threshold. */
export function nearThreshold(rowCount: number, dim: number, threshold: number): Float32Array {
  const [first, second] = [unitRows(1, dim, 1), unitRows(1, dim, 2)];
  const along = first.reduce((sum, value, i) => sum + value * second[i]!, 0);
  const across = rowNormalize(
    second.map((value, i) => value - along * first[i]!),
    dim,
  ).rows;
  const random = seededRandom(dim);
  const rows = new Float32Array(rowCount * dim);
  rows.set(first);
  for (let row = 1; row < rowCount; row++) {
    const cosine = Math.min(1, threshold + (2 * random() - 1) * 1e-6);
    const sine = Math.sqrt(1 - cosine * cosine) * (row % 2 === 0 ? 1 : -1);
    for (let i = 0; i < dim; i++) rows[row * dim + i] = cosine * first[i]! + sine * across[i]!;
  }
  return rows;
}

/** Adjusted Rand index (Hubert and Arabie, 1985) of two labelings. */
export function adjustedRandIndex(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const pairs = (count: number): number => (count * (count - 1)) / 2;
  const cells = new Map<string, number>();
  const rows = new Map<number, number>();
  const columns = new Map<number, number>();
  for (let i = 0; i < a.length; i++) {
    const cell = `${a[i]} ${b[i]}`;
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
    rows.set(a[i]!, (rows.get(a[i]!) ?? 0) + 1);
    columns.set(b[i]!, (columns.get(b[i]!) ?? 0) + 1);
  }
  const sum = (counts: Map<unknown, number>): number =>
    [...counts.values()].reduce((total, count) => total + pairs(count), 0);
  const expected = (sum(rows) * sum(columns)) / pairs(a.length);
  const most = (sum(rows) + sum(columns)) / 2;
  return most === expected ? 1 : (sum(cells) - expected) / (most - expected);
}

export interface GoldenBlobs {
  readonly rows: Float32Array;
  readonly labels: readonly number[];
  readonly clusterSizes: readonly number[];
  readonly inertia: number;
}

/** The 1,500 rows of the reference's workflow test, with a float64 clustering of them. */
export function goldenBlobs(): GoldenBlobs {
  const file = new URL("../fixtures/golden/blobs_1500x3.json", import.meta.url);
  const golden = JSON.parse(readFileSync(file, "utf8")) as {
    X: number[][];
    ref_labels: number[];
    cluster_sizes_sorted: number[];
    inertia: number;
  };
  return {
    rows: Float32Array.from(golden.X.flat()),
    labels: golden.ref_labels,
    clusterSizes: golden.cluster_sizes_sorted,
    inertia: golden.inertia,
  };
}
