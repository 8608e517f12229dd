// Sorts by cluster which rows of a chunk come to one and which go, stable and deterministic, in four kernels: rank within
// tiles, prefix sums down the tiles, prefix sums over the clusters, scatter. A counting sort whose table has one row for
// each tile of 1024 rows. Where the sums of a cluster begin anew all its rows come; else only those that moved.
import type { Recorder } from "../gpu/context.ts";
import { divideUp } from "../gpu/grid.ts";
import type { BufferScope } from "./buffer_scope.ts";
import { recordKmeansBases } from "./kmeans_bases.ts";
import { recordKmeansOffsets } from "./kmeans_offsets.ts";
import { labelTileRows, recordKmeansRank } from "./kmeans_rank.ts";
import { orderByteLength, recordKmeansScatter } from "./kmeans_scatter.ts";

/** What a sort writes; one set serves chunk after chunk. */
export interface LabelSort {
  /** u32: row indices of the chunk by cluster, those of one in row order; the highest bit is set where the row goes. */
  readonly order: GPUBuffer;
  /**
   * u32, (tiles + 1) x clusterCount + 1: entries of a cluster in earlier tiles, tile after tile; then where each cluster
   * begins in `order`, and where the last one ends.
   */
  readonly table: GPUBuffer;
  readonly ranks: GPUBuffer;
}

/** Bytes of the table that `rowCount` rows take. */
export function labelTableByteLength(rowCount: number, clusterCount: number): number {
  return ((divideUp(rowCount, labelTileRows) + 1) * clusterCount + 1) * 4;
}

/** Buffers for sorting at most `rowCount` rows at a time. */
export function labelSortBuffers(scope: BufferScope, rowCount: number, clusterCount: number): LabelSort {
  return {
    order: scope.buffer("label_sort.order", orderByteLength(rowCount)),
    table: scope.buffer("label_sort.table", labelTableByteLength(rowCount, clusterCount)),
    ranks: scope.buffer("label_sort.ranks", rowCount * 4),
  };
}

export interface LabelSortInputs extends LabelSort {
  /** u32, rowCount: each below clusterCount. */
  readonly labels: GPUBuffer;
  readonly rowCount: number;
  readonly clusterCount: number;
  /** u32, rowCount: labels of the time before plus 1, or 0; renewed. */
  readonly previous: GPUBuffer;
  /** changesByteLength() bytes (cluster_changes.ts): which sums begin anew; receives how many rows came or went. */
  readonly changes: GPUBuffer;
  /** One u32, to which the number of rows whose label changed is added. */
  readonly moved: GPUBuffer;
}

export function recordLabelSort(recorder: Recorder, inputs: LabelSortInputs): void {
  const { table, rowCount, clusterCount } = inputs;
  if (rowCount === 0) return;
  const tileCount = divideUp(rowCount, labelTileRows);
  recorder.clear(table);
  recordKmeansRank(recorder, inputs);
  recordKmeansOffsets(recorder, { table, clusterCount, tileCount });
  recordKmeansBases(recorder, { table, clusterCount, tileCount });
  recordKmeansScatter(recorder, inputs);
}
