// Kernel kmeans_cost: partial sums of (weighted) squared distances; added up they are the inertia.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";

/** Rows that make one partial sum. */
export const costBlockRows = 1024;

export interface KmeansCostInputs {
  /** f32, rowCount. */
  readonly distances: GPUBuffer;
  /** u32, rowCount. Once each when left out. */
  readonly weights?: GPUBuffer | undefined;
  readonly rowCount: number;
  /** f32; ceil(rowCount / costBlockRows) of them are written from firstPartial on. */
  readonly partials: GPUBuffer;
  readonly firstPartial: number;
}

export function recordKmeansCost(recorder: Recorder, inputs: KmeansCostInputs): void {
  if (inputs.rowCount === 0) return;
  recorder.dispatch("kmeans_cost", {
    params: {
      row_count: inputs.rowCount,
      first_partial: inputs.firstPartial,
      weighted: inputs.weights === undefined ? 0 : 1,
    },
    bindings: {
      distances: inputs.distances,
      weights: inputs.weights ?? inputs.distances,
      partials: inputs.partials,
    },
    grid: foldGrid(divideUp(inputs.rowCount, costBlockRows)),
  });
}

/** Partial sums (f32) of each 1024 distances, weighted where weights are given. */
export async function kmeansCost(
  gpu: GpuContext,
  distances: Float32Array,
  weights?: Uint32Array,
): Promise<Float32Array> {
  const count = divideUp(distances.length, costBlockRows);
  return await BufferScope.run(gpu, async (scope) => {
    const partials = scope.buffer("kmeans_cost.partials", count * 4);
    const inputs: KmeansCostInputs = {
      distances: scope.upload("kmeans_cost.distances", distances),
      weights: weights && scope.upload("kmeans_cost.weights", weights),
      rowCount: distances.length,
      partials,
      firstPartial: 0,
    };
    gpu.submit("kmeans_cost", (recorder) => recordKmeansCost(recorder, inputs));
    return await gpu.readFloats(partials, count);
  });
}
