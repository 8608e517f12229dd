// Kernel centroid_distance: Euclidean and cosine distance of each row to the centroid of its cluster.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { rowCountOf } from "./row_count.ts";

export interface CentroidDistanceInputs {
  /** f32, rowCount x dim, unit length. */
  readonly rows: GPUBuffer;
  /** f32, k x dim. */
  readonly centroids: GPUBuffer;
  /** u32, rowCount. */
  readonly labels: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** f32, rowCount: |x - c|. */
  readonly l2Distances: GPUBuffer;
  /** f32, rowCount: 1 - x.c / |c|. */
  readonly cosineDistances: GPUBuffer;
}

export function recordCentroidDistance(recorder: Recorder, inputs: CentroidDistanceInputs): void {
  if (inputs.rowCount === 0) return;
  recorder.dispatch("centroid_distance", {
    params: { row_count: inputs.rowCount, dim: inputs.dim },
    bindings: {
      rows: inputs.rows,
      centroids: inputs.centroids,
      labels: inputs.labels,
      l2_distances: inputs.l2Distances,
      cosine_distances: inputs.cosineDistances,
    },
    grid: foldGrid(divideUp(inputs.rowCount, 64)),
  });
}

/** Distances (f32, rowCount each) of unit rows to the centroids that `labels` names, on plain arrays. */
export async function centroidDistance(
  gpu: GpuContext,
  rows: Float32Array,
  centroids: Float32Array,
  labels: Uint32Array,
  dim: number,
): Promise<{ l2Distances: Float32Array; cosineDistances: Float32Array }> {
  const rowCount = rowCountOf(rows, dim);
  return await BufferScope.run(gpu, async (scope) => {
    const inputs: CentroidDistanceInputs = {
      rows: scope.upload("centroid_distance.rows", rows),
      centroids: scope.upload("centroid_distance.centroids", centroids),
      labels: scope.upload("centroid_distance.labels", labels),
      rowCount,
      dim,
      l2Distances: scope.buffer("centroid_distance.l2", rowCount * 4),
      cosineDistances: scope.buffer("centroid_distance.cosine", rowCount * 4),
    };
    gpu.submit("centroid_distance", (recorder) => recordCentroidDistance(recorder, inputs));
    return {
      l2Distances: await gpu.readFloats(inputs.l2Distances, rowCount),
      cosineDistances: await gpu.readFloats(inputs.cosineDistances, rowCount),
    };
  });
}
