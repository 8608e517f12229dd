// The clustering and pairwise steps on plain arrays: what "clipsieve/kernels" offers beside the single kernels.
import type { GpuContext } from "../gpu/context.ts";
import { rowCountOf } from "../kernels/row_count.ts";
import { assignRows } from "./assign.ts";
import { type KmeansOptions, type KmeansResult, kmeans as kmeansOfStore } from "./kmeans.ts";
import { type PairwiseOptions, type PairwiseScores, pairwiseMax } from "./pairwise.ts";
import { openRowStore, type RowStore, type RowStoreOptions } from "./row_store.ts";

export type ArrayOptions = Omit<RowStoreOptions, "dim">;

export interface ArrayKmeansResult extends KmeansResult, Assignment {}

export interface Assignment {
  /** u32, one for each row: the nearest centroid. 0xffffffff for a row that was set aside. */
  readonly labels: Uint32Array;
  /** f32: Euclidean distance of the unit row to the centroid. NaN for a row that was set aside. */
  readonly l2Distances: Float32Array;
  /** f32: 1 - cosine of the angle to the centroid. NaN for a row that was set aside. */
  readonly cosineDistances: Float32Array;
  /** Indices of rows of zeros, or with values that are not finite; they took no part. */
  readonly setAside: readonly number[];
}

export const noLabel = 0xffffffff;

/**
 * K-means over rows that are first scaled to length 1.
 *
 * @param rows f32, rowCount x dim.
 * @returns `centroids` (f32, k x dim), the course of the iterations, and each row's label and distances.
 * @throws RangeError where the values do not fill whole rows, UsageError for options that make no sense.
 */
export async function kmeans(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  options: KmeansOptions & ArrayOptions,
): Promise<ArrayKmeansResult> {
  return await withArrayStore(gpu, rows, dim, options, async (store) => {
    const result = await kmeansOfStore(gpu, store, options);
    return { ...result, ...(await assignStore(gpu, store, result.centroids, rowCountOf(rows, dim))) };
  });
}

/**
 * Nearest centroid of each row, which is first scaled to length 1, and both distances to it.
 *
 * @param rows f32, rowCount x dim.
 * @param centroids f32, k x dim, k >= 1; used as they are.
 */
export async function assign(
  gpu: GpuContext,
  rows: Float32Array,
  centroids: Float32Array,
  dim: number,
  options: ArrayOptions = {},
): Promise<Assignment> {
  if (rowCountOf(centroids, dim) === 0) throw new RangeError("Cannot assign rows as there is no centroid: 0");
  const rowCount = rowCountOf(rows, dim);
  return await withArrayStore(gpu, rows, dim, options, (store) =>
    assignStore(gpu, store, centroids, rowCount),
  );
}

/**
 * Largest similarity of each ranked row to an earlier one, of any number of rows.
 *
 * @param rows f32, rowCount x dim unit rows (see rowNormalize), the row to keep first.
 * @returns `scores` (f32, floored at 0) and `maxIndex` (u32, earliest on ties, the row's own where it has no such row); with
 *   `scores: "thresholded"` the same from 1 - eps on, 0 and the row's own below.
 */
export async function pairwise(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  options: PairwiseOptions & { readonly starts?: Uint32Array } = {},
): Promise<PairwiseScores> {
  return await pairwiseMax(gpu, rows, dim, options);
}

async function assignStore(
  gpu: GpuContext,
  store: RowStore,
  centroids: Float32Array,
  rowCount: number,
): Promise<Assignment> {
  const labels = new Uint32Array(rowCount).fill(noLabel);
  const l2Distances = new Float32Array(rowCount).fill(Number.NaN);
  const cosineDistances = new Float32Array(rowCount).fill(Number.NaN);
  await assignRows(gpu, store, centroids, (chunk) => {
    chunk.sourceIndices.forEach((index, row) => {
      labels[index] = chunk.labels[row]!;
      l2Distances[index] = chunk.l2Distances[row]!;
      cosineDistances[index] = chunk.cosineDistances[row]!;
    });
  });
  return { labels, l2Distances, cosineDistances, setAside: store.setAside };
}

async function withArrayStore<T>(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  options: ArrayOptions,
  work: (store: RowStore) => Promise<T>,
): Promise<T> {
  rowCountOf(rows, dim);
  const { residentBytes, maxChunkBytes } = options;
  const store = await openRowStore(gpu, () => [{ rows }], {
    dim,
    ...(residentBytes === undefined ? {} : { residentBytes }),
    ...(maxChunkBytes === undefined ? {} : { maxChunkBytes }),
  });
  try {
    return await work(store);
  } finally {
    store.destroy();
  }
}
