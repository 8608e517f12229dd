// Kernel kmeans_rank: each row's rank among the rows of its tile with the same label, and how many rows each tile has of
// each label. The first of four steps that sort rows by label (label_sort.ts); it also counts rows whose label changed.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import type { VariantName } from "../gpu/kernel.ts";
import { BufferScope } from "./buffer_scope.ts";

/** Rows that are ranked together. */
export const labelTileRows = 1024;

export interface KmeansRankInputs {
  /** u32, rowCount: each below clusterCount. */
  readonly labels: GPUBuffer;
  readonly rowCount: number;
  readonly clusterCount: number;
  /** u32, rowCount: each row's label of the time before plus 1, or 0; receives those of this time. */
  readonly previous: GPUBuffer;
  /** u32, rowCount; receives the ranks. */
  readonly ranks: GPUBuffer;
  /** u32, ceil(rowCount / labelTileRows) x clusterCount, 0 before; receives the counts. */
  readonly table: GPUBuffer;
  /** One u32, to which the number of rows whose label changed is added. */
  readonly moved: GPUBuffer;
  /** Default: the one chosen for the adapter. */
  readonly variant?: VariantName<"kmeans_rank">;
}

export function recordKmeansRank(recorder: Recorder, inputs: KmeansRankInputs): void {
  const { labels, rowCount, clusterCount, previous, ranks, table, moved, variant } = inputs;
  if (rowCount === 0) return;
  recorder.dispatch("kmeans_rank", {
    params: { row_count: rowCount, cluster_count: clusterCount },
    bindings: { labels, previous, ranks, table, moved },
    grid: foldGrid(divideUp(rowCount, labelTileRows)),
    ...(variant === undefined ? {} : { variant }),
  });
}

/**
 * Ranks and counts on plain arrays.
 *
 * @param previous u32, one for each label: the label of the time before plus 1, or 0.
 * @returns `ranks` (u32, one for each label), `counts` (u32, tiles x clusterCount) and `moved`.
 */
export async function kmeansRank(
  gpu: GpuContext,
  labels: Uint32Array,
  clusterCount: number,
  previous: Uint32Array = new Uint32Array(labels.length),
  variant?: VariantName<"kmeans_rank">,
): Promise<{ ranks: Uint32Array; counts: Uint32Array; moved: number }> {
  const tileCount = divideUp(labels.length, labelTileRows);
  return await BufferScope.run(gpu, async (scope) => {
    const inputs: KmeansRankInputs = {
      labels: scope.upload("kmeans_rank.labels", labels),
      rowCount: labels.length,
      clusterCount,
      previous: scope.upload("kmeans_rank.previous", previous),
      ranks: scope.buffer("kmeans_rank.ranks", labels.byteLength),
      table: scope.buffer("kmeans_rank.table", tileCount * clusterCount * 4),
      moved: scope.buffer("kmeans_rank.moved", 4),
      ...(variant === undefined ? {} : { variant }),
    };
    gpu.submit("kmeans_rank", (recorder) => recordKmeansRank(recorder, inputs));
    const [moved = 0] = await gpu.readUints(inputs.moved, 1);
    return {
      ranks: await gpu.readUints(inputs.ranks, labels.length),
      counts: await gpu.readUints(inputs.table, tileCount * clusterCount),
      moved,
    };
  });
}
