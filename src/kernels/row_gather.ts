// Kernel row_gather: copies chosen rows of one matrix to chosen rows of another.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";

export interface RowGatherInputs {
  /** f32, rows of `dim` values. */
  readonly rows: GPUBuffer;
  /** u32, count x 2: index of a row of `rows`, and of the row of `gathered` that becomes its copy. */
  readonly places: GPUBuffer;
  readonly count: number;
  readonly dim: number;
  /** f32, rows of `dim` values. */
  readonly gathered: GPUBuffer;
}

export function recordRowGather(
  recorder: Recorder,
  { rows, places, count, dim, gathered }: RowGatherInputs,
): void {
  if (count === 0) return;
  recorder.dispatch("row_gather", {
    params: { count, dim },
    bindings: { rows, places, gathered },
    grid: foldGrid(count),
  });
}

/**
 * The chosen rows of a matrix in the order of their indices, on plain arrays.
 *
 * @param rows f32, rows of `dim` values.
 * @param indices each below the number of rows; an index may come up again.
 */
export async function rowGather(
  gpu: GpuContext,
  rows: Float32Array,
  indices: Uint32Array,
  dim: number,
): Promise<Float32Array> {
  return await BufferScope.run(gpu, async (scope) => {
    const places = new Uint32Array(indices.length * 2);
    indices.forEach((row, place) => void places.set([row, place], place * 2));
    const inputs: RowGatherInputs = {
      rows: scope.upload("row_gather.rows", rows),
      places: scope.upload("row_gather.places", places),
      count: indices.length,
      dim,
      gathered: scope.buffer("row_gather.gathered", indices.length * dim * 4),
    };
    gpu.submit("row_gather", (recorder) => recordRowGather(recorder, inputs));
    return await gpu.readFloats(inputs.gathered, indices.length * dim);
  });
}
