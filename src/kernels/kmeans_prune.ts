// Kernel kmeans_prune: the centroids that can be a row's nearest, by bounds from sketches; or a label to begin with.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import type { VariantName } from "../gpu/kernel.ts";
import { BufferScope } from "./buffer_scope.ts";
import { RowList } from "./row_list.ts";
import { sketchFloats } from "./row_sketch.ts";

/** Whether the device has the form of the kernel that beats computing everything. */
export function prunesFast(gpu: GpuContext): boolean {
  return gpu.variantOf("kmeans_prune") === "lanes8";
}

/** Bytes of `pairs`: for each row a number and room for rowPairs centroids. */
export function pairsByteLength(rowCount: number, rowPairs: number): number {
  return rowCount * (1 + rowPairs) * 4;
}

export interface KmeansPruneInputs {
  /** Sketches (row_sketch) of the rows. */
  readonly rows: GPUBuffer;
  readonly rowCount: number;
  /** Sketches of the centroids, along the same basis. */
  readonly centroids: GPUBuffer;
  readonly centroidCount: number;
  /** f32, half of each centroid's squared norm. */
  readonly halfNorms: GPUBuffer;
  /** f32, rowCount: the score of each row with its label (kmeans_score). */
  readonly scores: GPUBuffer;
  /** u32, rowCount. */
  readonly labels: GPUBuffer;
  /** Centroids of a row that there is room for; at least 1. */
  readonly rowPairs: number;
  /** u32, pairsByteLength() bytes; receives the number of each row's open centroids, and those, ascending. */
  readonly pairs: GPUBuffer;
  /** A cleared list (row_list.ts); receives the rows whose centroids do not fit. */
  readonly list: GPUBuffer;
  /** Write the label that the sketches alone suggest, and nothing else. Default false. */
  readonly search?: boolean;
  readonly variant?: VariantName<"kmeans_prune"> | undefined;
}

export function recordKmeansPrune(recorder: Recorder, inputs: KmeansPruneInputs): void {
  const { rowCount, centroidCount, rowPairs, search = false, variant } = inputs;
  if (rowCount === 0 || centroidCount === 0) return;
  recorder.dispatch("kmeans_prune", {
    params: {
      row_count: rowCount,
      centroid_count: centroidCount,
      row_pairs: rowPairs,
      search: search ? 1 : 0,
      zero: 0,
    },
    bindings: {
      left: inputs.rows,
      right: inputs.centroids,
      half_norms: inputs.halfNorms,
      scores: inputs.scores,
      labels: inputs.labels,
      pairs: inputs.pairs,
      list: inputs.list,
    },
    grid: foldGrid(divideUp(rowCount, 64)),
    ...(variant === undefined ? {} : { variant }),
  });
}

export interface PrunedRows {
  /** u32, as the kernel lays them out. */
  readonly pairs: Uint32Array;
  /** Rows whose centroids did not fit, ascending. */
  readonly listed: Uint32Array;
  /** u32: the labels given, or those found with `search`. */
  readonly labels: Uint32Array;
}

/** Prunes on plain arrays: sketches as rowSketch gives them, one half norm for each centroid, scores and labels for each row. */
export async function kmeansPrune(
  gpu: GpuContext,
  rows: Float32Array,
  centroids: Float32Array,
  halfNorms: Float32Array,
  scores: Float32Array,
  labels: Uint32Array,
  options: Pick<KmeansPruneInputs, "rowPairs" | "search" | "variant">,
): Promise<PrunedRows> {
  const rowCount = rows.length / sketchFloats;
  return await BufferScope.run(gpu, async (scope) => {
    const list = new RowList(scope, "kmeans_prune", rowCount);
    const byteLength = pairsByteLength(rowCount, options.rowPairs);
    const inputs: KmeansPruneInputs = {
      rows: scope.upload("kmeans_prune.rows", rows),
      rowCount,
      centroids: scope.upload("kmeans_prune.centroids", centroids),
      centroidCount: halfNorms.length,
      halfNorms: scope.upload("kmeans_prune.half_norms", halfNorms),
      scores: scope.upload("kmeans_prune.scores", scores),
      labels: scope.upload("kmeans_prune.labels", labels),
      pairs: scope.buffer("kmeans_prune.pairs", byteLength),
      list: list.buffer,
      ...options,
    };
    gpu.submit("kmeans_prune", (recorder) => {
      list.recordClear(recorder);
      recordKmeansPrune(recorder, inputs);
    });
    return {
      pairs: await gpu.readUints(inputs.pairs, byteLength / 4),
      listed: await list.read(gpu),
      labels: await gpu.readUints(inputs.labels, rowCount),
    };
  });
}
