// Kernel kmeans_scatter: writes which rows come and go in the order of their clusters, those of one cluster in row order.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { packChanges } from "./cluster_changes.ts";
import { type LabelHistory, labelTileRows } from "./kmeans_rank.ts";

export interface KmeansScatterInputs {
  /** u32, rowCount. */
  readonly labels: GPUBuffer;
  /** u32, rowCount: each row's label of the time before plus 1, or 0; receives those of this time. */
  readonly previous: GPUBuffer;
  /** As kmeans_rank had them. */
  readonly changes: GPUBuffer;
  /** u32, rowCount, of kmeans_rank. */
  readonly ranks: GPUBuffer;
  /** u32, of kmeans_bases. */
  readonly table: GPUBuffer;
  readonly rowCount: number;
  readonly clusterCount: number;
  /** u32, orderByteLength() bytes; receives row indices, with the highest bit set where the row goes. */
  readonly order: GPUBuffer;
}

/** Bytes of `order`: a row that moves comes and goes. */
export function orderByteLength(rowCount: number): number {
  return 2 * rowCount * 4;
}

export function recordKmeansScatter(recorder: Recorder, inputs: KmeansScatterInputs): void {
  const { labels, previous, changes, ranks, table, rowCount, clusterCount, order } = inputs;
  if (rowCount === 0) return;
  recorder.dispatch("kmeans_scatter", {
    params: {
      row_count: rowCount,
      cluster_count: clusterCount,
      tile_count: divideUp(rowCount, labelTileRows),
    },
    bindings: { labels, previous, changes, ranks, table, order },
    grid: foldGrid(divideUp(rowCount, 64)),
  });
}

/**
 * The sorted order, as long as the table says, on plain arrays.
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
  history: LabelHistory = {},
): Promise<Uint32Array> {
  return await BufferScope.run(gpu, async (scope) => {
    const inputs: KmeansScatterInputs = {
      labels: scope.upload("kmeans_scatter.labels", labels),
      previous: scope.upload("kmeans_scatter.previous", history.previous ?? new Uint32Array(labels.length)),
      changes: scope.upload("kmeans_scatter.changes", packChanges(clusterCount, { since: history.since })),
      ranks: scope.upload("kmeans_scatter.ranks", ranks),
      table: scope.upload("kmeans_scatter.table", table),
      rowCount: labels.length,
      clusterCount,
      order: scope.buffer("kmeans_scatter.order", orderByteLength(labels.length)),
    };
    gpu.submit("kmeans_scatter", (recorder) => recordKmeansScatter(recorder, inputs));
    return await gpu.readUints(inputs.order, table.at(-1) ?? 0);
  });
}
