// Kernel kmeans_update: moves centroids to the means of their rows and yields shifts and half norms.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { halfNormBuffer } from "./half_norms.ts";
import { rowCountOf } from "./row_count.ts";

export interface KmeansUpdateInputs {
  /** f32, sliceCount x clusterCount x dim, of kmeans_sum: sums of row - centroid. */
  readonly sums: GPUBuffer;
  /** u32, sliceCount x clusterCount, of kmeans_sum. All 0: the centroids stay and only `halfNorms` is news. */
  readonly counts: GPUBuffer;
  readonly sliceCount: number;
  readonly clusterCount: number;
  readonly dim: number;
  /** Scale moved centroids to length 1. Default false. */
  readonly spherical?: boolean | undefined;
  /** f32, clusterCount x dim; overwritten where a cluster has rows. */
  readonly centroids: GPUBuffer;
  /** Half of each centroid's squared norm, in a buffer of half_norms.ts. */
  readonly halfNorms: GPUBuffer;
  /** u32, clusterCount: (weighted) rows of each cluster. */
  readonly totals: GPUBuffer;
  /** f32, clusterCount: squared distance each centroid moved. */
  readonly shifts: GPUBuffer;
}

export function recordKmeansUpdate(recorder: Recorder, inputs: KmeansUpdateInputs): void {
  if (inputs.clusterCount === 0) return;
  recorder.dispatch("kmeans_update", {
    params: {
      dim: inputs.dim,
      cluster_count: inputs.clusterCount,
      slice_count: inputs.sliceCount,
      spherical: inputs.spherical === true ? 1 : 0,
    },
    bindings: {
      sums: inputs.sums,
      counts: inputs.counts,
      centroids: inputs.centroids,
      half_norms: inputs.halfNorms,
      totals: inputs.totals,
      shifts: inputs.shifts,
    },
    grid: foldGrid(inputs.clusterCount),
  });
}

/** Half of each centroid's squared norm: an update that moves nothing. */
export function recordHalfNorms(
  recorder: Recorder,
  scope: BufferScope,
  centroids: GPUBuffer,
  count: number,
  dim: number,
): GPUBuffer {
  const halfNorms = halfNormBuffer(scope, "half_norms", count);
  recordKmeansUpdate(recorder, {
    sums: scope.buffer("half_norms.sums", count * dim * 4),
    counts: scope.buffer("half_norms.counts", count * 4),
    sliceCount: 1,
    centroids,
    clusterCount: count,
    dim,
    halfNorms,
    totals: scope.buffer("half_norms.totals", count * 4),
    shifts: scope.buffer("half_norms.shifts", count * 4),
  });
  return halfNorms;
}

export interface KmeansUpdateResult {
  readonly centroids: Float32Array;
  readonly halfNorms: Float32Array;
  readonly totals: Uint32Array;
  readonly shifts: Float32Array;
}

/** New centroids (k x dim) from kmeans_sum's output, on plain arrays. A cluster without rows keeps its centroid. */
export async function kmeansUpdate(
  gpu: GpuContext,
  sums: Float32Array,
  counts: Uint32Array,
  centroids: Float32Array,
  dim: number,
  options: { readonly spherical?: boolean } = {},
): Promise<KmeansUpdateResult> {
  const clusterCount = rowCountOf(centroids, dim);
  const sliceCount = clusterCount === 0 ? 1 : counts.length / clusterCount;
  return await BufferScope.run(gpu, async (scope) => {
    const inputs: KmeansUpdateInputs = {
      sums: scope.upload("kmeans_update.sums", sums),
      counts: scope.upload("kmeans_update.counts", counts),
      sliceCount,
      clusterCount,
      dim,
      spherical: options.spherical,
      centroids: scope.upload("kmeans_update.centroids", centroids),
      halfNorms: halfNormBuffer(scope, "kmeans_update", clusterCount),
      totals: scope.buffer("kmeans_update.totals", clusterCount * 4),
      shifts: scope.buffer("kmeans_update.shifts", clusterCount * 4),
    };
    gpu.submit("kmeans_update", (recorder) => recordKmeansUpdate(recorder, inputs));
    return {
      centroids: await gpu.readFloats(inputs.centroids, centroids.length),
      halfNorms: await gpu.readFloats(inputs.halfNorms, clusterCount),
      totals: await gpu.readUints(inputs.totals, clusterCount),
      shifts: await gpu.readFloats(inputs.shifts, clusterCount),
    };
  });
}
