// Kernel kmeans_scatter: writes the indices of rows in the order of their labels, rows of one label in row order.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { labelTileRows } from "./kmeans_rank.ts";

export interface KmeansScatterInputs {
  /** u32, rowCount. */
  readonly labels: GPUBuffer;
  /** u32, rowCount, of kmeans_rank. */
  readonly ranks: GPUBuffer;
  /** u32, of kmeans_bases. */
  readonly table: GPUBuffer;
  readonly rowCount: number;
  readonly clusterCount: number;
  /** u32, rowCount; receives row indices. */
  readonly order: GPUBuffer;
}

export function recordKmeansScatter(recorder: Recorder, inputs: KmeansScatterInputs): void {
  const { labels, ranks, table, rowCount, clusterCount, order } = inputs;
  if (rowCount === 0) return;
  recorder.dispatch("kmeans_scatter", {
    params: {
      row_count: rowCount,
      cluster_count: clusterCount,
      tile_count: divideUp(rowCount, labelTileRows),
    },
    bindings: { labels, ranks, table, order },
    grid: foldGrid(divideUp(rowCount, 64)),
  });
}

/**
 * The sorted order on plain arrays.
 *
 * @param ranks u32, one for each label, of kmeansRank.
 * @param table u32, of kmeansOffsets with its last row replaced by kmeansBases.
 */
export async function kmeansScatter(
  gpu: GpuContext,
  labels: Uint32Array,
  ranks: Uint32Array,
  table: Uint32Array,
  clusterCount: number,
): Promise<Uint32Array> {
  return await BufferScope.run(gpu, async (scope) => {
    const inputs: KmeansScatterInputs = {
      labels: scope.upload("kmeans_scatter.labels", labels),
      ranks: scope.upload("kmeans_scatter.ranks", ranks),
      table: scope.upload("kmeans_scatter.table", table),
      rowCount: labels.length,
      clusterCount,
      order: scope.buffer("kmeans_scatter.order", labels.byteLength),
    };
    gpu.submit("kmeans_scatter", (recorder) => recordKmeansScatter(recorder, inputs));
    return await gpu.readUints(inputs.order, labels.length);
  });
}
