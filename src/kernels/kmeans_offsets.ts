// Kernel kmeans_offsets: turns the counts of kmeans_rank into how many rows of the cluster come in earlier tiles.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";

export interface KmeansOffsetsInputs {
  /** u32, (tileCount + 1) x clusterCount: counts of kmeans_rank, and room for the totals. Overwritten. */
  readonly table: GPUBuffer;
  readonly clusterCount: number;
  readonly tileCount: number;
}

export function recordKmeansOffsets(
  recorder: Recorder,
  { table, clusterCount, tileCount }: KmeansOffsetsInputs,
): void {
  recorder.dispatch("kmeans_offsets", {
    params: { cluster_count: clusterCount, tile_count: tileCount },
    bindings: { table },
    grid: [divideUp(clusterCount, 32), 1, 1],
  });
}

/**
 * Prefix sums of a tiles x clusterCount table of counts, down the tiles, on plain arrays.
 *
 * @returns u32, (tiles + 1) x clusterCount; the last row holds the totals.
 */
export async function kmeansOffsets(
  gpu: GpuContext,
  counts: Uint32Array,
  clusterCount: number,
): Promise<Uint32Array> {
  return await BufferScope.run(gpu, async (scope) => {
    const table = scope.buffer("kmeans_offsets.table", counts.byteLength + clusterCount * 4);
    gpu.write(table, 0, counts);
    gpu.submit("kmeans_offsets", (recorder) =>
      recordKmeansOffsets(recorder, { table, clusterCount, tileCount: counts.length / clusterCount }),
    );
    return await gpu.readUints(table, counts.length + clusterCount);
  });
}
