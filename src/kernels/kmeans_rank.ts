// Kernel kmeans_rank: the rank of each row that comes to a cluster, or goes from it, among those of its tile that do, and how
// many there are. The first of four steps that sort rows by label (label_sort.ts); it also counts rows whose label changed.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import type { VariantName } from "../gpu/kernel.ts";
import { BufferScope } from "./buffer_scope.ts";
import { changesByteLength, packChanges, unpackChanges } from "./cluster_changes.ts";

/** Rows that are ranked together. */
export const labelTileRows = 1024;

export interface KmeansRankInputs {
  /** u32, rowCount: each below clusterCount. */
  readonly labels: GPUBuffer;
  readonly rowCount: number;
  readonly clusterCount: number;
  /** u32, rowCount: each row's label of the time before plus 1, or 0. */
  readonly previous: GPUBuffer;
  /** changesByteLength() bytes: which sums begin anew; receives how many rows came or went. */
  readonly changes: GPUBuffer;
  /** u32, rowCount: receives the rank with which a row comes, and 2^16 times the one with which it goes. */
  readonly ranks: GPUBuffer;
  /** u32, ceil(rowCount / labelTileRows) x clusterCount, 0 before; receives the counts. */
  readonly table: GPUBuffer;
  /** One u32, to which the number of rows whose label changed is added. */
  readonly moved: GPUBuffer;
  /** Default: the one chosen for the adapter. */
  readonly variant?: VariantName<"kmeans_rank">;
}

export function recordKmeansRank(recorder: Recorder, inputs: KmeansRankInputs): void {
  const { labels, rowCount, clusterCount, previous, changes, ranks, table, moved, variant } = inputs;
  if (rowCount === 0) return;
  recorder.dispatch("kmeans_rank", {
    params: { row_count: rowCount, cluster_count: clusterCount },
    bindings: { labels, previous, changes, ranks, table, moved },
    grid: foldGrid(divideUp(rowCount, labelTileRows)),
    ...(variant === undefined ? {} : { variant }),
  });
}

/** What was before a sort. */
export interface LabelHistory {
  /** u32, one for each row: its label of the time before plus 1, or 0. Default: 0. */
  readonly previous?: Uint32Array;
  /** u32, one for each cluster: 0 where its sums begin anew. Default: 0. */
  readonly since?: Uint32Array;
}

/**
 * Ranks and counts on plain arrays.
 *
 * @returns `ranks` (u32, one for each label; 0 for rows that neither come nor go), `counts` (u32, tiles x clusterCount),
 *   `churn` (u32, clusterCount: rows that came or went) and `moved`.
 */
export async function kmeansRank(
  gpu: GpuContext,
  labels: Uint32Array,
  clusterCount: number,
  history: LabelHistory = {},
  variant?: VariantName<"kmeans_rank">,
): Promise<{ ranks: Uint32Array; counts: Uint32Array; churn: Uint32Array; moved: number }> {
  const tileCount = divideUp(labels.length, labelTileRows);
  return await BufferScope.run(gpu, async (scope) => {
    const inputs: KmeansRankInputs = {
      labels: scope.upload("kmeans_rank.labels", labels),
      rowCount: labels.length,
      clusterCount,
      previous: scope.upload("kmeans_rank.previous", history.previous ?? new Uint32Array(labels.length)),
      changes: scope.upload("kmeans_rank.changes", packChanges(clusterCount, { since: history.since })),
      ranks: scope.buffer("kmeans_rank.ranks", labels.byteLength),
      table: scope.buffer("kmeans_rank.table", tileCount * clusterCount * 4),
      moved: scope.buffer("kmeans_rank.moved", 4),
      ...(variant === undefined ? {} : { variant }),
    };
    gpu.submit("kmeans_rank", (recorder) => recordKmeansRank(recorder, inputs));
    const [moved = 0] = await gpu.readUints(inputs.moved, 1);
    const { churn } = unpackChanges(await gpu.read(inputs.changes, changesByteLength(clusterCount)));
    return {
      ranks: await gpu.readUints(inputs.ranks, labels.length),
      counts: await gpu.readUints(inputs.table, tileCount * clusterCount),
      churn,
      moved,
    };
  });
}
