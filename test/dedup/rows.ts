// Rows, stores and measures that the tests of src/dedup share.
import { readFileSync } from "node:fs";
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
