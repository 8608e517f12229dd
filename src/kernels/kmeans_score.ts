// Kernel kmeans_score: each row's score with the centroid that its label names, the same bits that kmeans_assign compares.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import type { VariantName } from "../gpu/kernel.ts";
import { BufferScope } from "./buffer_scope.ts";
import { recordHalfNorms } from "./kmeans_update.ts";
import { rowCountOf } from "./row_count.ts";

export interface KmeansScoreInputs {
  /** f32, rowCount x dim. */
  readonly rows: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** f32, k x dim. */
  readonly centroids: GPUBuffer;
  /** f32, k. */
  readonly halfNorms: GPUBuffer;
  /** u32, rowCount, each below k. */
  readonly labels: GPUBuffer;
  /** f32, rowCount. */
  readonly scores: GPUBuffer;
  /** "wide" needs a dimension that is a multiple of 4. Default: "wide" where it may be. */
  readonly variant?: VariantName<"kmeans_score"> | undefined;
}

export function recordKmeansScore(recorder: Recorder, inputs: KmeansScoreInputs): void {
  const { rows, rowCount, dim, centroids, halfNorms, labels, scores, variant } = inputs;
  if (rowCount === 0) return;
  recorder.dispatch("kmeans_score", {
    params: { row_count: rowCount, dim },
    bindings: { rows, centroids, half_norms: halfNorms, labels, scores },
    grid: foldGrid(divideUp(rowCount, 64)),
    variant: variant ?? (dim % 4 === 0 ? "wide" : "plain"),
  });
}

/** x.c - |c|^2 / 2 (f32, one for each row) of rows and the centroids of their labels, on plain arrays. */
export async function kmeansScore(
  gpu: GpuContext,
  rows: Float32Array,
  centroids: Float32Array,
  labels: Uint32Array,
  dim: number,
  variant?: VariantName<"kmeans_score">,
): Promise<Float32Array> {
  const rowCount = rowCountOf(rows, dim);
  return await BufferScope.run(gpu, async (scope) => {
    const centroidBuffer = scope.upload("kmeans_score.centroids", centroids);
    const scores = scope.buffer("kmeans_score.scores", rowCount * 4);
    gpu.submit("kmeans_score", (recorder) =>
      recordKmeansScore(recorder, {
        rows: scope.upload("kmeans_score.rows", rows),
        rowCount,
        dim,
        centroids: centroidBuffer,
        halfNorms: recordHalfNorms(recorder, scope, centroidBuffer, rowCountOf(centroids, dim), dim),
        labels: scope.upload("kmeans_score.labels", labels),
        scores,
        variant,
      }),
    );
    return await gpu.readFloats(scores, rowCount);
  });
}
