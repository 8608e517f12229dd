// Kernel kmeans_sum: adds rows to the sum and count of their cluster, in a fixed order, so that bits do not depend on luck.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { rowCountOf } from "./row_count.ts";

/** Rows that stay together in one slice. */
export const sumBlockRows = 256;

export interface KmeansSumInputs {
  /** f32, rowCount x dim. */
  readonly rows: GPUBuffer;
  /** u32, rowCount. */
  readonly labels: GPUBuffer;
  readonly rowCount: number;
  /** 0 counts rows and sums nothing. */
  readonly dim: number;
  /** Index of the first row in the whole collection; decides which slice a row belongs to. */
  readonly firstRow: number;
  readonly clusterCount: number;
  readonly sliceCount: number;
  /** u32, rowCount: how often each row counts. Once each when left out. */
  readonly weights?: GPUBuffer | undefined;
  /** f32, sliceCount x clusterCount x dim; added to. */
  readonly sums: GPUBuffer;
  /** u32, sliceCount x clusterCount; added to. */
  readonly counts: GPUBuffer;
}

export function recordKmeansSum(recorder: Recorder, inputs: KmeansSumInputs): void {
  if (inputs.rowCount === 0) return;
  recorder.dispatch("kmeans_sum", {
    params: {
      row_count: inputs.rowCount,
      dim: inputs.dim,
      cluster_count: inputs.clusterCount,
      slice_count: inputs.sliceCount,
      first_row: inputs.firstRow,
      weighted: inputs.weights === undefined ? 0 : 1,
    },
    bindings: {
      rows: inputs.rows,
      labels: inputs.labels,
      weights: inputs.weights ?? inputs.labels,
      sums: inputs.sums,
      counts: inputs.counts,
    },
    grid: [divideUp(Math.max(inputs.dim, 1), 64), inputs.sliceCount, 1],
  });
}

/**
 * Sums per slice and cluster, on plain arrays.
 *
 * @returns `sums` (f32, sliceCount x clusterCount x dim) and `counts` (u32, sliceCount x clusterCount).
 */
export async function kmeansSum(
  gpu: GpuContext,
  rows: Float32Array,
  labels: Uint32Array,
  clusterCount: number,
  dim: number,
  options: { readonly sliceCount?: number; readonly weights?: Uint32Array } = {},
): Promise<{ sums: Float32Array; counts: Uint32Array }> {
  const rowCount = rowCountOf(rows, dim);
  const sliceCount = options.sliceCount ?? 1;
  return await BufferScope.run(gpu, async (scope) => {
    const sums = scope.buffer("kmeans_sum.sums", sliceCount * clusterCount * dim * 4);
    const counts = scope.buffer("kmeans_sum.counts", sliceCount * clusterCount * 4);
    const inputs: KmeansSumInputs = {
      rows: scope.upload("kmeans_sum.rows", rows),
      labels: scope.upload("kmeans_sum.labels", labels),
      weights: options.weights && scope.upload("kmeans_sum.weights", options.weights),
      rowCount,
      dim,
      firstRow: 0,
      clusterCount,
      sliceCount,
      sums,
      counts,
    };
    gpu.submit("kmeans_sum", (recorder) => recordKmeansSum(recorder, inputs));
    return {
      sums: await gpu.readFloats(sums, sliceCount * clusterCount * dim),
      counts: await gpu.readUints(counts, sliceCount * clusterCount),
    };
  });
}
