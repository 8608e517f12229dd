// Kernel kmeans_duel: which of two centroids a listed row belongs to, exactly.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { recordHalfNorms } from "./kmeans_update.ts";
import { rowCountOf } from "./row_count.ts";

export interface KmeansDuelInputs {
  /** f32, rowCount x dim and k x dim, as they lie. */
  readonly rows: GPUBuffer;
  readonly centroids: GPUBuffer;
  readonly dim: number;
  /** f32, half of each centroid's squared norm. */
  readonly halfNorms: GPUBuffer;
  /** A list two u32 wide (row_list.ts): row and rival. */
  readonly duels: GPUBuffer;
  /** u32: one of the two centroids before, the nearer one after; the lower index on ties. */
  readonly labels: GPUBuffer;
}

export function recordKmeansDuel(recorder: Recorder, inputs: KmeansDuelInputs): void {
  const { rows, centroids, dim, halfNorms, duels, labels } = inputs;
  recorder.dispatch("kmeans_duel", {
    params: { dim },
    bindings: { rows, centroids, half_norms: halfNorms, duels, labels },
    grid: { indirect: duels },
  });
}

/** The labels after the duels of rows with their rivals, on plain arrays. */
export async function kmeansDuel(
  gpu: GpuContext,
  rows: Float32Array,
  centroids: Float32Array,
  dim: number,
  labels: Uint32Array,
  duels: readonly (readonly [row: number, rival: number])[],
): Promise<Uint32Array> {
  return await BufferScope.run(gpu, async (scope) => {
    const settled = scope.upload("kmeans_duel.labels", labels);
    const source = scope.upload("kmeans_duel.centroids", centroids);
    const list = [divideUp(duels.length, 64), 1, 1, duels.length, ...duels.flat()];
    gpu.submit("kmeans_duel", (recorder) =>
      recordKmeansDuel(recorder, {
        rows: scope.upload("kmeans_duel.rows", rows),
        centroids: source,
        dim,
        halfNorms: recordHalfNorms(recorder, scope, source, rowCountOf(centroids, dim), dim),
        duels: scope.upload("kmeans_duel.duels", Uint32Array.from(list)),
        labels: settled,
      }),
    );
    return await gpu.readUints(settled, labels.length);
  });
}
