// K-means over unit rows by Euclidean distance, the clustering step of the reference (RAPIDS cuVS through cuML): k-means||
// or random first centroids, then Lloyd's iterations. Centroids are plain means, not scaled to length 1 unless asked for.
// Same rows, same options, same device: same bits.
import { UsageError } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import { CentroidSet } from "./centroid_set.ts";
import { planSlices } from "./chunk_plan.ts";
import { type KmeansIteration, lloyd } from "./lloyd.ts";
import type { RowStore } from "./row_store.ts";
import { type SeedingOptions, seedKmeansParallel, seedKmeansPlusPlus, seedRandom } from "./seeding.ts";

export type { KmeansIteration } from "./lloyd.ts";

export interface KmeansOptions {
  /** Clusters wanted, at least 1. More than there are rows become as many as rows, with a warning. */
  readonly nClusters: number;
  /** First centroids: "k-means||", "k-means++", "random" rows, or k x dim values. Default "k-means||". */
  readonly init?: "k-means||" | "k-means++" | "random" | Float32Array;
  /** Rounds at most. Default 300. */
  readonly maxIter?: number;
  /** Stop when the inertia falls by a smaller share, or the centroids move by less. Default 1e-4. */
  readonly tol?: number;
  /** Seed of every random choice, a 32-bit whole number. Default 42. */
  readonly randomState?: number;
  /** Rows that a round of k-means|| picks, as a multiple of k. Default 2. */
  readonly oversamplingFactor?: number;
  /** Scale centroids to length 1 after each round (spherical k-means). Default false. */
  readonly spherical?: boolean;
  readonly onIteration?: (iteration: KmeansIteration, round: number) => void;
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

export interface KmeansResult {
  /** f32, k x dim: means of unit rows, themselves unit rows where `spherical` was asked for. */
  readonly centroids: Float32Array;
  readonly dim: number;
  /** Clusters made; 0 for a store without rows. */
  readonly k: number;
  readonly iterations: readonly KmeansIteration[];
  /** False where maxIter ended the run. */
  readonly converged: boolean;
}

const seedings = {
  "k-means||": seedKmeansParallel,
  "k-means++": seedKmeansPlusPlus,
  random: seedRandom,
} as const;

/** Clusters the rows of a store. Throws UsageError for options that make no sense. */
export async function kmeans(
  gpu: GpuContext,
  store: RowStore,
  options: KmeansOptions,
): Promise<KmeansResult> {
  const { nClusters, init = "k-means||", maxIter = 300, tol = 1e-4, randomState = 42 } = options;
  const { oversamplingFactor = 2, spherical = false, signal } = options;
  const { rowCount, dim } = store;
  requireWhole("nClusters", nClusters, 1);
  requireWhole("maxIter", maxIter, 1);
  requireWhole("randomState", randomState, 0);
  if (!(tol >= 0)) throw new UsageError(`Cannot cluster as tol must be 0 or more: ${tol}`);
  if (!(oversamplingFactor > 0))
    throw new UsageError(`Cannot cluster as oversamplingFactor must be above 0: ${oversamplingFactor}`);
  if (init instanceof Float32Array && init.length !== nClusters * dim)
    throw new UsageError(
      `Cannot cluster as init must hold nClusters x dim = ${nClusters * dim} values: ${init.length}`,
    );
  if (rowCount === 0) return { centroids: new Float32Array(0), dim, k: 0, iterations: [], converged: true };
  const k = init instanceof Float32Array ? nClusters : Math.min(nClusters, rowCount);
  if (k < nClusters)
    options.onWarning?.(
      `${nClusters} clusters were asked of ${rowCount} rows: made ${k}. Fewer clusters find more duplicates`,
    );
  // Refuses too many centroids before any work.
  planSlices(store, k, gpu.maxBindingBytes);
  const seeding: SeedingOptions = {
    clusterCount: k,
    randomState,
    oversamplingFactor,
    maxIter,
    tol,
    spherical,
    signal,
  };
  const centroids =
    init instanceof Float32Array
      ? CentroidSet.upload(gpu, init, dim)
      : await seedings[init](gpu, store, seeding);
  try {
    const { onIteration } = options;
    const result = await lloyd(gpu, store, centroids, { maxIter, tol, spherical, onIteration, signal });
    return { centroids: await gpu.readFloats(centroids.rows, k * dim), dim, k, ...result };
  } finally {
    centroids.destroy();
  }
}

function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`Cannot cluster as ${name} must be a whole number from ${least}: ${value}`);
}
