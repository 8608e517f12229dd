// Kernel kmeans_update: moves centroids to the means of their rows and yields shifts and half norms; and makes the sums of a
// round those of the next.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { type ClusterChanges, changesByteLength, packChanges, unpackChanges } from "./cluster_changes.ts";
import { halfNormBuffer } from "./half_norms.ts";
import { squaresByteLength } from "./kmeans_sum.ts";
import { rowCountOf } from "./row_count.ts";

export interface KmeansUpdateInputs {
  /** f32, sliceCount x clusterCount x dim, of kmeans_sum: sums of row - centroid. */
  readonly sums: GPUBuffer;
  /** u32, sliceCount x clusterCount, of kmeans_sum. All 0: the centroids stay and only `halfNorms` is news. */
  readonly counts: GPUBuffer;
  /** f32, squaresByteLength() bytes, of kmeans_sum, and changesByteLength() bytes, of kmeans_rank. */
  readonly squares: GPUBuffer;
  readonly changes: GPUBuffer;
  /** Make sums, counts, squares and changes those of the next round. Default false: they are left alone. */
  readonly carries?: boolean | undefined;
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
      carries: inputs.carries === true ? 1 : 0,
      zero: 0,
    },
    bindings: {
      sums: inputs.sums,
      counts: inputs.counts,
      squares: inputs.squares,
      changes: inputs.changes,
      centroids: inputs.centroids,
      half_norms: inputs.halfNorms,
      totals: inputs.totals,
      shifts: inputs.shifts,
    },
    grid: foldGrid(inputs.clusterCount),
  });
}

/** Buffers that an update that carries nothing on binds in place of squares and changes. */
export function nothingToCarry(scope: BufferScope): {
  readonly squares: GPUBuffer;
  readonly changes: GPUBuffer;
} {
  return {
    squares: scope.buffer("kmeans_update.no_squares", squaresByteLength(1, 1, 4)),
    changes: scope.buffer("kmeans_update.no_changes", changesByteLength(1)),
  };
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
    ...nothingToCarry(scope),
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

/** What one round leaves to the next, on plain arrays. */
export interface CarriedSums extends ClusterChanges {
  /** f32, sliceCount x k x ceil(dim / 4) x 2. */
  readonly squares: Float32Array;
}

export interface KmeansUpdateResult {
  readonly centroids: Float32Array;
  readonly halfNorms: Float32Array;
  readonly totals: Uint32Array;
  readonly shifts: Float32Array;
  /** Sums, counts and what is `carried`, of the next round; undefined where nothing was to be carried on. */
  readonly next: (CarriedSums & { readonly sums: Float32Array; readonly counts: Uint32Array }) | undefined;
}

/** New centroids (k x dim) from kmeans_sum's output, on plain arrays. A cluster without rows keeps its centroid. */
export async function kmeansUpdate(
  gpu: GpuContext,
  sums: Float32Array,
  counts: Uint32Array,
  centroids: Float32Array,
  dim: number,
  options: { readonly spherical?: boolean; readonly carried?: CarriedSums } = {},
): Promise<KmeansUpdateResult> {
  const clusterCount = rowCountOf(centroids, dim);
  const sliceCount = clusterCount === 0 ? 1 : counts.length / clusterCount;
  const { spherical, carried } = options;
  return await BufferScope.run(gpu, async (scope) => {
    const inputs: KmeansUpdateInputs = {
      ...(carried === undefined
        ? nothingToCarry(scope)
        : {
            squares: scope.upload("kmeans_update.squares", carried.squares),
            changes: scope.upload("kmeans_update.changes", packChanges(clusterCount, carried)),
          }),
      carries: carried !== undefined,
      sums: scope.upload("kmeans_update.sums", sums),
      counts: scope.upload("kmeans_update.counts", counts),
      sliceCount,
      clusterCount,
      dim,
      spherical,
      centroids: scope.upload("kmeans_update.centroids", centroids),
      halfNorms: halfNormBuffer(scope, "kmeans_update", clusterCount),
      totals: scope.buffer("kmeans_update.totals", clusterCount * 4),
      shifts: scope.buffer("kmeans_update.shifts", clusterCount * 4),
    };
    gpu.submit("kmeans_update", (recorder) => recordKmeansUpdate(recorder, inputs));
    const result = {
      centroids: await gpu.readFloats(inputs.centroids, centroids.length),
      halfNorms: await gpu.readFloats(inputs.halfNorms, clusterCount),
      totals: await gpu.readUints(inputs.totals, clusterCount),
      shifts: await gpu.readFloats(inputs.shifts, clusterCount),
    };
    if (carried === undefined) return { ...result, next: undefined };
    const next = {
      sums: await gpu.readFloats(inputs.sums, sums.length),
      counts: await gpu.readUints(inputs.counts, counts.length),
      squares: await gpu.readFloats(inputs.squares, carried.squares.length),
      ...unpackChanges(await gpu.read(inputs.changes, changesByteLength(clusterCount))),
    };
    return { ...result, next };
  });
}
