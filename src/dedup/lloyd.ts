// Lloyd's iterations: rounds on the device (lloyd_rounds.ts) until a stop rule holds. The rules, and the rule for empty
// clusters, are those of cuVS (kmeans_mg.cuh): stop when the cost falls by less than the share tol, or the centroids
// together move by less than tol; a cluster without rows keeps its centroid. Rounds run in batches; the rules look at each
// round in turn, so the result does not depend on how many a batch holds.
import type { GpuContext } from "../gpu/context.ts";
import type { CentroidSet } from "./centroid_set.ts";
import { LloydRounds, type RoundFigures } from "./lloyd_rounds.ts";
import type { RowStore } from "./row_store.ts";
import { planSketches } from "./sketched_assign.ts";

export interface KmeansIteration extends RoundFigures {
  /** Wall time; rounds that ran in one batch share its time evenly. */
  readonly seconds: number;
}

export interface LloydOptions {
  readonly maxIter: number;
  readonly tol: number;
  /** Scale centroids to length 1. Default false. */
  readonly spherical?: boolean | undefined;
  /** u32, one for each row of the store: how often it counts. Default: once each. */
  readonly weights?: Uint32Array;
  /** Rounds of one submission. Default: as many as take about 50 ms. */
  readonly batchRounds?: number;
  readonly onIteration?: ((iteration: KmeansIteration, round: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A submission may take so long: rounds after the last one needed are lost work, and others wait for the device. */
const batchSeconds = 0.05;

/** Moves `centroids` until a stop rule holds. */
export async function lloyd(
  gpu: GpuContext,
  store: RowStore,
  centroids: CentroidSet,
  { maxIter, tol, spherical = false, weights, batchRounds, onIteration, signal }: LloydOptions,
): Promise<{ iterations: KmeansIteration[]; converged: boolean }> {
  const iterations: KmeansIteration[] = [];
  const sketches = await planSketches(gpu, store, centroids);
  const rounds = new LloydRounds(gpu, store, centroids, { weights, spherical, sketches });
  try {
    let wanted = batchRounds ?? 1;
    while (iterations.length < maxIter) {
      signal?.throwIfAborted();
      const started = performance.now();
      const batch = await rounds.run(Math.min(wanted, rounds.maxBatch, maxIter - iterations.length));
      const seconds = (performance.now() - started) / 1000 / batch.length;
      for (const [slot, figures] of batch.entries()) {
        signal?.throwIfAborted();
        const prior = iterations.at(-1)?.inertia;
        const iteration: KmeansIteration = { ...figures, seconds };
        iterations.push(iteration);
        onIteration?.(iteration, iterations.length);
        const { inertia, shift } = figures;
        const settled = inertia === 0 || (prior !== undefined && inertia / prior > 1 - tol);
        if (settled || shift < tol) {
          if (slot + 1 < batch.length) rounds.restore(slot);
          return { iterations, converged: true };
        }
      }
      wanted = batchRounds ?? Math.max(1, Math.min(2 * batch.length, Math.floor(batchSeconds / seconds)));
    }
    return { iterations, converged: false };
  } finally {
    rounds.destroy();
  }
}
