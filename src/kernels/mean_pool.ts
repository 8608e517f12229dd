// Kernel mean_pool: the mean of each group of rows; turns frame embeddings into clip embeddings.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";

export interface MeanPoolInputs {
  /** f32, row-major, `dim` values per row. */
  readonly rows: GPUBuffer;
  /** u32, groupCount + 1: group g holds rows offsets[g] to offsets[g + 1] - 1. */
  readonly offsets: GPUBuffer;
  /** f32, groupCount x dim; receives the means. A group without rows becomes zero. */
  readonly means: GPUBuffer;
  readonly groupCount: number;
  readonly dim: number;
}

/** Adds the dispatch to a submission. */
export function recordMeanPool(
  recorder: Recorder,
  { rows, offsets, means, groupCount, dim }: MeanPoolInputs,
): void {
  if (groupCount * dim === 0) return;
  recorder.dispatch("mean_pool", {
    params: { group_count: groupCount, dim },
    bindings: { rows, offsets, means },
    grid: foldGrid(divideUp(groupCount * dim, 64)),
  });
}

/**
 * Means of groups of consecutive rows, on plain arrays.
 *
 * @param rows f32, rowCount x dim.
 * @param offsets groupCount + 1 ascending row numbers, from 0 to rowCount.
 * @returns f32, groupCount x dim; a group without rows is zero.
 */
export async function meanPool(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  offsets: Uint32Array,
): Promise<Float32Array> {
  const groupCount = offsets.length - 1;
  const ascending = offsets.every((offset, index) => index === 0 || offset >= offsets[index - 1]!);
  if (groupCount < 0 || offsets[0] !== 0 || !ascending || offsets[groupCount]! * dim !== rows.length) {
    throw new RangeError(
      `Cannot pool ${rows.length} values of dimension ${dim} as offsets must ascend from 0 to the number of rows: ${offsets.slice(0, 8).join(", ")}`,
    );
  }
  const rowBuffer = gpu.upload("mean_pool.rows", rows);
  const offsetBuffer = gpu.upload("mean_pool.offsets", offsets);
  const meanBuffer = gpu.buffer("mean_pool.means", groupCount * dim * 4);
  try {
    gpu.submit("mean_pool", (recorder) =>
      recordMeanPool(recorder, {
        rows: rowBuffer,
        offsets: offsetBuffer,
        means: meanBuffer,
        groupCount,
        dim,
      }),
    );
    return await gpu.readFloats(meanBuffer, groupCount * dim);
  } finally {
    for (const buffer of [rowBuffer, offsetBuffer, meanBuffer]) gpu.free(buffer);
  }
}
