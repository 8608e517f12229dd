// Lloyd's iterations on the device: assign, sum, move. A round reads back only the cost, the shift and the cluster sizes.
// Stop rules and the rule for empty clusters are those of cuVS (kmeans_mg.cuh): stop when the cost falls by less than the
// share tol, or the centroids together move by less than tol; a cluster without rows keeps its centroid.
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { recordKmeansSum } from "../kernels/kmeans_sum.ts";
import type { CentroidSet } from "./centroid_set.ts";
import { planSlices } from "./chunk_plan.ts";
import { RowState } from "./row_state.ts";
import type { RowStore } from "./row_store.ts";

export interface KmeansIteration {
  /** Sum of squared distances to the centroids as they were before this round moved them. */
  readonly inertia: number;
  /** Sum of the squared distances that the centroids moved. */
  readonly shift: number;
  readonly emptyClusters: number;
  readonly seconds: number;
}

export interface LloydOptions {
  readonly maxIter: number;
  readonly tol: number;
  readonly weights?: Uint32Array;
  readonly onIteration?: ((iteration: KmeansIteration, round: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Moves `centroids` until a stop rule holds. */
export async function lloyd(
  gpu: GpuContext,
  store: RowStore,
  centroids: CentroidSet,
  options: LloydOptions,
): Promise<{ iterations: KmeansIteration[]; converged: boolean }> {
  const { count, dim } = centroids;
  const sliceCount = planSlices(store.rowCount, count, dim, gpu.maxBindingBytes);
  const iterations: KmeansIteration[] = [];
  const state = new RowState(gpu, store, options.weights);
  try {
    return await BufferScope.run(gpu, async (scope) => {
      const sums = scope.buffer("lloyd.sums", sliceCount * count * dim * 4);
      const counts = scope.buffer("lloyd.counts", sliceCount * count * 4);
      while (iterations.length < options.maxIter) {
        options.signal?.throwIfAborted();
        const started = performance.now();
        gpu.submit("lloyd.clear", (recorder) => {
          recorder.clear(sums);
          recorder.clear(counts);
        });
        await store.forEachChunk((chunk) =>
          gpu.submit("lloyd", (recorder) => {
            const { labels, weights } = state.chunks[chunk.index]!;
            state.recordAssign(recorder, chunk, centroids);
            recordKmeansSum(recorder, {
              rows: chunk.rows,
              labels,
              weights,
              rowCount: chunk.rowCount,
              firstRow: chunk.firstRow,
              dim,
              clusterCount: count,
              sliceCount,
              sums,
              counts,
            });
          }),
        );
        gpu.submit("lloyd.update", (recorder) =>
          centroids.recordUpdate(recorder, { sums, counts, sliceCount }),
        );
        const inertia = await state.cost();
        const shift = (await gpu.readFloats(centroids.shifts, count)).reduce((sum, moved) => sum + moved, 0);
        const totals = await gpu.readUints(centroids.totals, count);
        const prior = iterations.at(-1)?.inertia;
        const iteration: KmeansIteration = {
          inertia,
          shift,
          emptyClusters: totals.reduce((empty, total) => empty + (total === 0 ? 1 : 0), 0),
          seconds: (performance.now() - started) / 1000,
        };
        iterations.push(iteration);
        options.onIteration?.(iteration, iterations.length);
        const settled = inertia === 0 || (prior !== undefined && inertia / prior > 1 - options.tol);
        if (settled || shift < options.tol) return { iterations, converged: true };
      }
      return { iterations, converged: false };
    });
  } finally {
    state.destroy();
  }
}
