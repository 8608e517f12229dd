// Kernel kmeans_screen: labels from f16 rows, and lists of the rows that f16 cannot decide.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { type HalfRows, halfRows, halfShape, recordHalfPack } from "./half_pack.ts";
import { recordHalfNorms } from "./kmeans_update.ts";
import { rowCountOf } from "./row_count.ts";
import { RowList } from "./row_list.ts";

/** Whether the device has f16 matrices, so that screening pays. */
export function screensInMatrices(gpu: GpuContext): boolean {
  return gpu.variantOf("kmeans_screen") === "matrix";
}

export interface KmeansScreenInputs {
  readonly rows: HalfRows;
  readonly rowCount: number;
  readonly dim: number;
  readonly centroids: HalfRows;
  readonly centroidCount: number;
  /** Half of each centroid's squared norm, in a buffer of half_norms.ts. */
  readonly halfNorms: GPUBuffer;
  /** u32, rowCount: the label where it is certain; where it is not, the row is on a list. */
  readonly labels: GPUBuffer;
  /** Rows for kmeans_assign: a cleared list with room for rowCount rows (row_list.ts). */
  readonly list: GPUBuffer;
  /** Rows for kmeans_duel, each with its rival: a cleared list for rowCount rows, two u32 wide. */
  readonly duels: GPUBuffer;
}

export function recordKmeansScreen(recorder: Recorder, inputs: KmeansScreenInputs): void {
  const { rows, rowCount, dim, centroids, centroidCount, halfNorms, labels, list, duels } = inputs;
  if (rowCount === 0 || centroidCount === 0) return;
  recorder.dispatch("kmeans_screen", {
    params: {
      row_count: rowCount,
      padded_dim: halfShape(rowCount, dim).paddedDim,
      centroid_count: centroidCount,
    },
    bindings: {
      left: rows.halves,
      right: centroids.halves,
      left_errors: rows.errors,
      right_errors: centroids.errors,
      half_norms: halfNorms,
      labels,
      list,
      duels,
    },
    // A workgroup works 64 rows, or 128 in the matrix form, whose second half of workgroups then ends at once.
    grid: foldGrid(divideUp(rowCount, 64)),
  });
}

export interface ScreenedLabels {
  /** u32, as f16 gives them. */
  readonly labels: Uint32Array;
  /** u32, ascending: rows whose label f16 cannot prove at all. */
  readonly doubtful: Uint32Array;
  /** u32 pairs, ascending: rows whose label is what f16 gives or their rival, and the rival. */
  readonly duels: readonly (readonly [row: number, rival: number])[];
}

/** Screens a rowCount x dim matrix against k x dim centroids, k >= 1. */
export async function kmeansScreen(
  gpu: GpuContext,
  rows: Float32Array,
  centroids: Float32Array,
  dim: number,
): Promise<ScreenedLabels> {
  const rowCount = rowCountOf(rows, dim);
  const centroidCount = rowCountOf(centroids, dim);
  if (centroidCount === 0) throw new RangeError("Cannot assign rows as there is no centroid: 0");
  return await BufferScope.run(gpu, async (scope) => {
    const rowBuffer = scope.upload("kmeans_screen.rows", rows);
    const centroidBuffer = scope.upload("kmeans_screen.centroids", centroids);
    const rowHalves = halfRows(scope, "kmeans_screen.rows", rowCount, dim);
    const centroidHalves = halfRows(scope, "kmeans_screen.centroids", centroidCount, dim);
    const labels = scope.buffer("kmeans_screen.labels", rowCount * 4);
    const list = new RowList(scope, "kmeans_screen", rowCount);
    const duels = new RowList(scope, "kmeans_screen.duels", rowCount, { width: 2 });
    gpu.submit("kmeans_screen", (recorder) => {
      recordHalfPack(recorder, { rows: rowBuffer, rowCount, dim, ...rowHalves });
      recordHalfPack(recorder, { rows: centroidBuffer, rowCount: centroidCount, dim, ...centroidHalves });
      list.recordClear(recorder);
      duels.recordClear(recorder);
      recordKmeansScreen(recorder, {
        rows: rowHalves,
        rowCount,
        dim,
        centroids: centroidHalves,
        centroidCount,
        halfNorms: recordHalfNorms(recorder, scope, centroidBuffer, centroidCount, dim),
        labels,
        list: list.buffer,
        duels: duels.buffer,
      });
    });
    return {
      labels: await gpu.readUints(labels, rowCount),
      doubtful: await list.read(gpu),
      duels: (await duels.readEntries(gpu)).map(([row, rival]) => [row!, rival!]),
    };
  });
}
