// Kernel kmeans_assign: each row's nearest centroid and its squared distance, fused, so that no rowCount x k matrix exists.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { layoutOf } from "../gpu/variant_choice.ts";
import { BufferScope } from "./buffer_scope.ts";
import { recordHalfNorms } from "./kmeans_update.ts";
import { panelByteLength, panelRows, recordPanelPack } from "./panel_pack.ts";
import { rowCountOf } from "./row_count.ts";

/** How the kernel reads rows and centroids on a device: "panels" (panel_pack), or "rows" as they lie. */
export function kmeansAssignLayout(gpu: GpuContext, dim: number): "panels" | "rows" {
  return layoutOf("kmeans_assign", gpu.variantOf("kmeans_assign", dim)) === "rows" ? "rows" : "panels";
}

/** Whether the kernel works listed rows by stretches of the centroids, for kmeans_pick to join. */
export function assignsByStretches(gpu: GpuContext, dim: number): boolean {
  return gpu.variantOf("kmeans_assign", dim) === "tile";
}

export interface KmeansAssignInputs {
  /** f32, the rows in the layout of kmeansAssignLayout; panels hold the listed rows alone where there is a list. */
  readonly rows: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** f32, the centroids in the same layout. */
  readonly centroids: GPUBuffer;
  readonly centroidCount: number;
  /** Half of each centroid's squared norm, in a buffer of half_norms.ts. */
  readonly halfNorms: GPUBuffer;
  /** u32, rowCount. */
  readonly labels: GPUBuffer;
  /** f32, rowCount: squared distances. */
  readonly distances: GPUBuffer;
  /** Leave `distances` as they are. Default false. */
  readonly labelsOnly?: boolean | undefined;
  /** Label of the first of these centroids. Default 0. */
  readonly firstLabel?: number | undefined;
  /** Keep what `labels` and `distances` hold unless one of these centroids is nearer. Default false. */
  readonly resume?: boolean | undefined;
  /**
   * Rows to work instead of all (row_list.ts). Where assignsByStretches, the list's dispatch has a row of workgroups for each
   * stretch of centroids, and `labels` and `distances` take a centroid and a score for each listed row and stretch
   * (kmeans_pick.ts).
   */
  readonly list?: GPUBuffer | undefined;
}

export function recordKmeansAssign(recorder: Recorder, inputs: KmeansAssignInputs): void {
  const { rows, rowCount, centroids, centroidCount, dim, halfNorms, labels, distances, list } = inputs;
  const { firstLabel = 0, resume = false, labelsOnly = false } = inputs;
  if (rowCount === 0 || centroidCount === 0) return;
  recorder.dispatch("kmeans_assign", {
    params: {
      row_count: rowCount,
      dim,
      centroid_count: centroidCount,
      first_label: firstLabel,
      resume: resume ? 1 : 0,
      wants_distances: labelsOnly ? 0 : 1,
    },
    bindings: {
      left: rows,
      right: centroids,
      half_norms: halfNorms,
      list: list ?? halfNorms,
      labels,
      distances,
    },
    grid: list === undefined ? foldGrid(divideUp(rowCount, panelRows)) : { indirect: list },
    ...(list !== undefined && { overrides: { LISTED: 1 } }),
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
  const layout = kmeansAssignLayout(gpu, dim);
  return await BufferScope.run(gpu, async (scope) => {
    const laidOut = (recorder: Recorder, name: string, source: GPUBuffer, count: number): GPUBuffer => {
      if (layout === "rows") return source;
      const panels = scope.buffer(`kmeans_assign.${name}_panels`, panelByteLength(count, dim));
      recordPanelPack(recorder, { rows: source, panels, rowCount: count, dim });
      return panels;
    };
    const rowBuffer = scope.upload("kmeans_assign.rows", rows);
    const centroidBuffer = scope.upload("kmeans_assign.centroids", centroids);
    const labels = scope.buffer("kmeans_assign.labels", rowCount * 4);
    const distances = scope.buffer("kmeans_assign.distances", rowCount * 4);
    gpu.submit("kmeans_assign", (recorder) => {
      recordKmeansAssign(recorder, {
        rows: laidOut(recorder, "row", rowBuffer, rowCount),
        rowCount,
        dim,
        centroids: laidOut(recorder, "centroid", centroidBuffer, centroidCount),
        centroidCount,
        halfNorms: recordHalfNorms(recorder, scope, centroidBuffer, centroidCount, dim),
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
