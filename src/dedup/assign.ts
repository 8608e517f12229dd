// The final pass of k-means: each row's cluster and its two distances to the centroid, read back with the unit rows.
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { recordCentroidDistance } from "../kernels/centroid_distance.ts";
import { CentroidSet } from "./centroid_set.ts";
import { RowState } from "./row_state.ts";
import { type RowStore, sourceIndices } from "./row_store.ts";
import { planSketches } from "./sketched_assign.ts";

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

/** Rows that are read back at once, in bytes: two such pieces are in memory, the one being visited and the next. */
const pieceBytes = 32 * 2 ** 20;

/** Assigns the rows piece by piece, in order; the next piece is read back while `visit` works on one. */
export async function assignRows(
  gpu: GpuContext,
  store: RowStore,
  centroids: Float32Array,
  visit: (chunk: AssignedChunk) => void | Promise<void>,
): Promise<void> {
  if (store.rowCount === 0) return;
  const { dim } = store;
  const set = CentroidSet.upload(gpu, centroids, dim);
  const sketches = await planSketches(gpu, store, set);
  const state = new RowState(gpu, store, sketches);
  try {
    await BufferScope.run(gpu, async (scope) => {
      const most = Math.min(store.chunkRows, store.rowCount);
      const pieceRows = Math.max(1, Math.floor(pieceBytes / (dim * 4)));
      const l2Distances = scope.buffer("assign.l2", most * 4);
      const cosineDistances = scope.buffer("assign.cosine", most * 4);
      await store.forEachChunk(async (chunk) => {
        const { rows, rowCount, firstRow } = chunk;
        const { labels } = state.chunks[chunk.index]!;
        gpu.submit("assign", (recorder) => {
          state.recordAssign(recorder, chunk, set, { labelsOnly: true });
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
        const read = async (first: number): Promise<AssignedChunk> => {
          const count = Math.min(pieceRows, rowCount - first);
          const [values, pieceLabels, l2, cosine] = await Promise.all([
            gpu.readFloats(rows, count * dim, first * dim),
            gpu.readUints(labels, count, first),
            gpu.readFloats(l2Distances, count, first),
            gpu.readFloats(cosineDistances, count, first),
          ]);
          return {
            firstRow: firstRow + first,
            rowCount: count,
            sourceIndices: sourceIndices(store, firstRow + first, count),
            rows: values,
            labels: pieceLabels,
            l2Distances: l2,
            cosineDistances: cosine,
          };
        };
        let next = read(0);
        for (let first = 0; first < rowCount; first += pieceRows) {
          const piece = await next;
          if (first + pieceRows < rowCount) next = read(first + pieceRows);
          // A failure of the visit must not leave one of the next piece unheard.
          next.catch(() => undefined);
          await visit(piece);
        }
      });
    });
  } finally {
    state.destroy();
    set.destroy();
  }
}
