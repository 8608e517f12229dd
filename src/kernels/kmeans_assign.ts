// Kernel kmeans_assign: each row's nearest centroid and its squared distance, fused, so that no rowCount x k matrix exists.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { recordKmeansUpdate } from "./kmeans_update.ts";
import { panelByteLength, panelRows, recordPanelPack } from "./panel_pack.ts";
import { rowCountOf } from "./row_count.ts";

export interface KmeansAssignInputs {
  /** Panels (panel_pack) of the rows. */
  readonly rowPanels: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** Panels of the centroids. */
  readonly centroidPanels: GPUBuffer;
  readonly centroidCount: number;
  /** f32, half of each centroid's squared norm (kmeans_update yields them). */
  readonly halfNorms: GPUBuffer;
  /** u32, rowCount. */
  readonly labels: GPUBuffer;
  /** f32, rowCount: squared distances. */
  readonly distances: GPUBuffer;
  /** Label of the first of these centroids. Default 0. */
  readonly firstLabel?: number;
  /** Keep what `labels` and `distances` hold unless one of these centroids is nearer. Default false. */
  readonly resume?: boolean;
}

export function recordKmeansAssign(recorder: Recorder, inputs: KmeansAssignInputs): void {
  const { rowCount, centroidCount, dim } = inputs;
  if (rowCount === 0 || centroidCount === 0) return;
  recorder.dispatch("kmeans_assign", {
    params: {
      row_count: rowCount,
      dim,
      centroid_count: centroidCount,
      first_label: inputs.firstLabel ?? 0,
      resume: inputs.resume === true ? 1 : 0,
    },
    bindings: {
      left: inputs.rowPanels,
      right: inputs.centroidPanels,
      half_norms: inputs.halfNorms,
      labels: inputs.labels,
      distances: inputs.distances,
    },
    grid: foldGrid(divideUp(rowCount, panelRows)),
  });
}

/**
 * Labels (u32, lowest index on ties) and squared distances (f32) of a rowCount x dim matrix to k x dim centroids, k >= 1.
 */
export async function kmeansAssign(
  gpu: GpuContext,
  rows: Float32Array,
  centroids: Float32Array,
  dim: number,
): Promise<{ labels: Uint32Array; distances: Float32Array }> {
  const rowCount = rowCountOf(rows, dim);
  const centroidCount = rowCountOf(centroids, dim);
  if (centroidCount === 0) throw new RangeError("Cannot assign rows as there is no centroid: 0");
  return await BufferScope.run(gpu, async (scope) => {
    const rowBuffer = scope.upload("kmeans_assign.rows", rows);
    const centroidBuffer = scope.upload("kmeans_assign.centroids", centroids);
    const rowPanels = scope.buffer("kmeans_assign.row_panels", panelByteLength(rowCount, dim));
    const centroidPanels = scope.buffer("kmeans_assign.panels", panelByteLength(centroidCount, dim));
    const halfNorms = scope.buffer("kmeans_assign.half_norms", centroidCount * 4);
    const labels = scope.buffer("kmeans_assign.labels", rowCount * 4);
    const distances = scope.buffer("kmeans_assign.distances", rowCount * 4);
    gpu.submit("kmeans_assign", (recorder) => {
      recordPanelPack(recorder, { rows: rowBuffer, panels: rowPanels, rowCount, dim });
      recordPanelPack(recorder, {
        rows: centroidBuffer,
        panels: centroidPanels,
        rowCount: centroidCount,
        dim,
      });
      recordKmeansUpdate(recorder, {
        sums: scope.buffer("kmeans_assign.sums", centroids.byteLength),
        counts: scope.buffer("kmeans_assign.counts", centroidCount * 4),
        sliceCount: 1,
        centroids: centroidBuffer,
        clusterCount: centroidCount,
        dim,
        halfNorms,
        totals: scope.buffer("kmeans_assign.totals", centroidCount * 4),
        shifts: scope.buffer("kmeans_assign.shifts", centroidCount * 4),
      });
      recordKmeansAssign(recorder, {
        rowPanels,
        rowCount,
        dim,
        centroidPanels,
        centroidCount,
        halfNorms,
        labels,
        distances,
      });
    });
    return {
      labels: await gpu.readUints(labels, rowCount),
      distances: await gpu.readFloats(distances, rowCount),
    };
  });
}
