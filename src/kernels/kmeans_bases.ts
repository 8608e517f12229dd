// Kernel kmeans_bases: where the rows of each cluster begin once rows are sorted by label.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { BufferScope } from "./buffer_scope.ts";

export interface KmeansBasesInputs {
  /** u32, (tileCount + 1) x clusterCount + 1: of kmeans_offsets; the last row becomes the beginnings, and their end. */
  readonly table: GPUBuffer;
  readonly clusterCount: number;
  readonly tileCount: number;
}

export function recordKmeansBases(
  recorder: Recorder,
  { table, clusterCount, tileCount }: KmeansBasesInputs,
): void {
  recorder.dispatch("kmeans_bases", {
    params: { cluster_count: clusterCount, tile_count: tileCount },
    bindings: { table },
    grid: [1, 1, 1],
  });
}

/** Beginnings of the clusters from their totals, on plain arrays: exclusive prefix sums and, last, the sum of all. */
export async function kmeansBases(gpu: GpuContext, totals: Uint32Array): Promise<Uint32Array> {
  return await BufferScope.run(gpu, async (scope) => {
    const table = scope.buffer("kmeans_bases.table", totals.byteLength + 4);
    gpu.write(table, 0, totals);
    gpu.submit("kmeans_bases", (recorder) =>
      recordKmeansBases(recorder, { table, clusterCount: totals.length, tileCount: 0 }),
    );
    return await gpu.readUints(table, totals.length + 1);
  });
}
