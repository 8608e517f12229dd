// The final pass of k-means: each row's cluster and its two distances to the centroid, read back with the unit rows.
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { recordCentroidDistance } from "../kernels/centroid_distance.ts";
import { CentroidSet } from "./centroid_set.ts";
import { RowState } from "./row_state.ts";
import { type RowStore, sourceIndices } from "./row_store.ts";

export interface AssignedChunk {
  readonly firstRow: number;
  readonly rowCount: number;
  /** Index of each row in the source. */
  readonly sourceIndices: readonly number[];
  /** f32, rowCount x dim: the unit rows. */
  readonly rows: Float32Array;
  /** u32, rowCount: nearest centroid, lowest index on ties. */
  readonly labels: Uint32Array;
  /** f32, rowCount: Euclidean distance to the centroid as it is. */
  readonly l2Distances: Float32Array;
  /** f32, rowCount: 1 - cosine of the angle to the centroid. */
  readonly cosineDistances: Float32Array;
}

/** Assigns the rows chunk by chunk, in order; `visit` is awaited before the next chunk is worked. */
export async function assignRows(
  gpu: GpuContext,
  store: RowStore,
  centroids: Float32Array,
  visit: (chunk: AssignedChunk) => void | Promise<void>,
): Promise<void> {
  if (store.rowCount === 0) return;
  const { dim } = store;
  const set = CentroidSet.upload(gpu, centroids, dim);
  const state = new RowState(gpu, store);
  try {
    await BufferScope.run(gpu, async (scope) => {
      const most = Math.min(store.chunkRows, store.rowCount);
      const l2Distances = scope.buffer("assign.l2", most * 4);
      const cosineDistances = scope.buffer("assign.cosine", most * 4);
      await store.forEachChunk(async (chunk) => {
        const { rows, rowCount, firstRow } = chunk;
        const { labels } = state.chunks[chunk.index]!;
        gpu.submit("assign", (recorder) => {
          state.recordAssign(recorder, chunk, set);
          recordCentroidDistance(recorder, {
            rows,
            centroids: set.rows,
            labels,
            rowCount,
            dim,
            l2Distances,
            cosineDistances,
          });
        });
        await visit({
          firstRow,
          rowCount,
          sourceIndices: sourceIndices(store, firstRow, rowCount),
          rows: await gpu.readFloats(rows, rowCount * dim),
          labels: await gpu.readUints(labels, rowCount),
          l2Distances: await gpu.readFloats(l2Distances, rowCount),
          cosineDistances: await gpu.readFloats(cosineDistances, rowCount),
        });
      });
    });
  } finally {
    state.destroy();
    set.destroy();
  }
}
