// Kernel kmeans_sum: adds up what separates rows from the centroid of their cluster, in a fixed order, so that bits do not
// depend on luck; and the squares of it, which are the inertia. Rows that go are taken away.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import type { VariantName } from "../gpu/kernel.ts";
import { BufferScope } from "./buffer_scope.ts";
import { packChanges } from "./cluster_changes.ts";
import { type LabelHistory, labelTileRows } from "./kmeans_rank.ts";
import { type LabelSort, labelSortBuffers, recordLabelSort } from "./label_sort.ts";
import { rowCountOf } from "./row_count.ts";

/** How the rows of a collection are dealt out to slices: runs of whole tiles, in turn. */
export interface SumSlices {
  readonly sliceCount: number;
  /** Tiles of 1024 rows that stay together. */
  readonly runTiles: number;
}

export interface KmeansSumInputs extends SumSlices, Pick<LabelSort, "order" | "table"> {
  /** f32, rowCount x dim. */
  readonly rows: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** Index of the first row in the whole collection; decides which slice a row belongs to. */
  readonly firstRow: number;
  /** f32, clusterCount x dim. */
  readonly centroids: GPUBuffer;
  readonly clusterCount: number;
  /** u32, rowCount: how often each row counts. Once each when left out. */
  readonly weights?: GPUBuffer | undefined;
  /** f32, sliceCount x clusterCount x dim: sums of row - centroid; added to. */
  readonly sums: GPUBuffer;
  /** u32, sliceCount x clusterCount; added to. */
  readonly counts: GPUBuffer;
  /** f32, squaresByteLength() bytes: all of them together are the sum of squared distances; added to. */
  readonly squares: GPUBuffer;
  /** "wide" needs a dimension that is a multiple of 4. Default: "wide" where it may be. */
  readonly variant?: VariantName<"kmeans_sum">;
}

/** Bytes of `squares`: two f32 for each 4 dimensions of a cluster's slice. */
export function squaresByteLength(sliceCount: number, clusterCount: number, dim: number): number {
  return sliceCount * clusterCount * divideUp(dim, 4) * 8;
}

export function recordKmeansSum(recorder: Recorder, inputs: KmeansSumInputs): void {
  const { rowCount, dim, clusterCount, sliceCount, runTiles, firstRow, order } = inputs;
  if (rowCount === 0 || dim === 0) return;
  const firstTile = Math.floor(firstRow / labelTileRows);
  const lastTile = firstTile + divideUp(rowCount, labelTileRows) - 1;
  const runs = Math.floor(lastTile / runTiles) - Math.floor(firstTile / runTiles) + 1;
  recorder.dispatch("kmeans_sum", {
    params: {
      row_count: rowCount,
      dim,
      cluster_count: clusterCount,
      slice_count: sliceCount,
      run_tiles: runTiles,
      first_row: firstRow,
      weighted: inputs.weights === undefined ? 0 : 1,
      zero: 0,
    },
    bindings: {
      rows: inputs.rows,
      centroids: inputs.centroids,
      order,
      table: inputs.table,
      weights: inputs.weights ?? order,
      sums: inputs.sums,
      counts: inputs.counts,
      squares: inputs.squares,
    },
    grid: foldGrid(divideUp(dim, 256) * clusterCount * Math.min(sliceCount, runs)),
    variant: inputs.variant ?? (dim % 4 === 0 ? "wide" : "plain"),
  });
}

export interface KmeansSumResult {
  readonly sums: Float32Array;
  readonly counts: Uint32Array;
  /** f32, sliceCount x clusterCount x ceil(dim / 4) x 2. */
  readonly squares: Float32Array;
}

/**
 * Sums of row - centroid per slice and cluster, of rows that come less those that go, on plain arrays.
 *
 * @returns `sums` (f32, sliceCount x clusterCount x dim), `counts` (u32, sliceCount x clusterCount) and `squares`, which add
 *   up to the sum of all squared distances.
 */
export async function kmeansSum(
  gpu: GpuContext,
  rows: Float32Array,
  labels: Uint32Array,
  centroids: Float32Array,
  dim: number,
  options: Partial<SumSlices> &
    LabelHistory & {
      readonly weights?: Uint32Array;
      readonly variant?: VariantName<"kmeans_sum">;
      /** Rows handed over at a time. Default: all. */
      readonly chunkRows?: number;
    } = {},
): Promise<KmeansSumResult> {
  const rowCount = rowCountOf(rows, dim);
  const clusterCount = rowCountOf(centroids, dim);
  const { sliceCount = 1, runTiles = 1, weights, variant, chunkRows = Math.max(rowCount, 1) } = options;
  const { previous = new Uint32Array(rowCount), since } = options;
  return await BufferScope.run(gpu, async (scope) => {
    const outputs = {
      sums: scope.buffer("kmeans_sum.sums", sliceCount * clusterCount * dim * 4),
      counts: scope.buffer("kmeans_sum.counts", sliceCount * clusterCount * 4),
      squares: scope.buffer("kmeans_sum.squares", squaresByteLength(sliceCount, clusterCount, dim)),
    };
    const sort = labelSortBuffers(scope, chunkRows, clusterCount);
    const centroidBuffer = scope.upload("kmeans_sum.centroids", centroids);
    const moved = scope.buffer("kmeans_sum.moved", 4);
    const changes = scope.upload("kmeans_sum.changes", packChanges(clusterCount, { since }));
    for (let firstRow = 0; firstRow < rowCount; firstRow += chunkRows) {
      const end = Math.min(firstRow + chunkRows, rowCount);
      const chunk = {
        ...sort,
        rowCount: end - firstRow,
        clusterCount,
        rows: scope.upload("kmeans_sum.rows", rows.subarray(firstRow * dim, end * dim)),
        labels: scope.upload("kmeans_sum.labels", labels.subarray(firstRow, end)),
        weights: weights && scope.upload("kmeans_sum.weights", weights.subarray(firstRow, end)),
        previous: scope.upload("kmeans_sum.previous", previous.subarray(firstRow, end)),
        changes,
        moved,
      };
      gpu.submit("kmeans_sum", (recorder) => {
        recordLabelSort(recorder, chunk);
        recordKmeansSum(recorder, {
          ...chunk,
          ...outputs,
          centroids: centroidBuffer,
          dim,
          firstRow,
          sliceCount,
          runTiles,
          ...(variant === undefined ? {} : { variant }),
        });
      });
    }
    return {
      sums: await gpu.readFloats(outputs.sums, sliceCount * clusterCount * dim),
      counts: await gpu.readUints(outputs.counts, sliceCount * clusterCount),
      squares: await gpu.readFloats(outputs.squares, squaresByteLength(sliceCount, clusterCount, dim) / 4),
    };
  });
}
