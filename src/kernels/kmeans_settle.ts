// Kernel kmeans_settle: scores the centroids that kmeans_prune left open and labels rows by the largest score.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import type { VariantName } from "../gpu/kernel.ts";
import { BufferScope } from "./buffer_scope.ts";
import type { KmeansScoreInputs } from "./kmeans_score.ts";
import { rowCountOf } from "./row_count.ts";

/** What kmeans_score takes; `scores` are its own, `labels` the labels that it scored. */
export interface KmeansSettleInputs extends Omit<KmeansScoreInputs, "variant"> {
  /** Of kmeans_prune. */
  readonly pairs: GPUBuffer;
  readonly rowPairs: number;
  /** "wide" needs a dimension that is a multiple of 4. Default: "wide" where it may be. */
  readonly variant?: VariantName<"kmeans_settle"> | undefined;
}

export function recordKmeansSettle(recorder: Recorder, inputs: KmeansSettleInputs): void {
  const { rows, rowCount, dim, centroids, halfNorms, labels, scores, pairs, rowPairs, variant } = inputs;
  if (rowCount === 0) return;
  recorder.dispatch("kmeans_settle", {
    params: { row_count: rowCount, dim, row_pairs: rowPairs },
    bindings: { rows, centroids, half_norms: halfNorms, scores, pairs, labels },
    grid: foldGrid(divideUp(rowCount, 64)),
    variant: variant ?? (dim % 4 === 0 ? "wide" : "plain"),
  });
}

/** Labels (u32) after the pairs have been scored, on plain arrays. */
export async function kmeansSettle(
  gpu: GpuContext,
  rows: Float32Array,
  centroids: Float32Array,
  halfNorms: Float32Array,
  scores: Float32Array,
  labels: Uint32Array,
  pairs: Uint32Array,
  rowPairs: number,
  variant?: VariantName<"kmeans_settle">,
): Promise<Uint32Array> {
  const rowCount = labels.length;
  const dim = rowCountOf(centroids, halfNorms.length);
  return await BufferScope.run(gpu, async (scope) => {
    const inputs: KmeansSettleInputs = {
      rows: scope.upload("kmeans_settle.rows", rows),
      rowCount,
      dim,
      centroids: scope.upload("kmeans_settle.centroids", centroids),
      halfNorms: scope.upload("kmeans_settle.half_norms", halfNorms),
      scores: scope.upload("kmeans_settle.scores", scores),
      labels: scope.upload("kmeans_settle.labels", labels),
      pairs: scope.upload("kmeans_settle.pairs", pairs),
      rowPairs,
      variant,
    };
    gpu.submit("kmeans_settle", (recorder) => recordKmeansSettle(recorder, inputs));
    return await gpu.readUints(inputs.labels, rowCount);
  });
}
