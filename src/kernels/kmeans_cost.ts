// Kernel kmeans_cost: partial sums of squared distances; added up they are the cost of a clustering.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";

/** Values that make one partial sum. */
export const costBlockRows = 1024;

export interface KmeansCostInputs {
  /** f32, count. */
  readonly values: GPUBuffer;
  readonly count: number;
  /** f32; ceil(count / costBlockRows) of them are written from firstPartial on. */
  readonly partials: GPUBuffer;
  readonly firstPartial: number;
}

export function recordKmeansCost(
  recorder: Recorder,
  { values, count, partials, firstPartial }: KmeansCostInputs,
): void {
  if (count === 0) return;
  recorder.dispatch("kmeans_cost", {
    params: { count, first_partial: firstPartial },
    bindings: { values, partials },
    grid: foldGrid(divideUp(count, costBlockRows)),
  });
}

/** Partial sums (f32) of each 1024 values. */
export async function kmeansCost(gpu: GpuContext, values: Float32Array): Promise<Float32Array> {
  const partialCount = divideUp(values.length, costBlockRows);
  return await BufferScope.run(gpu, async (scope) => {
    const partials = scope.buffer("kmeans_cost.partials", partialCount * 4);
    const source = scope.upload("kmeans_cost.values", values);
    gpu.submit("kmeans_cost", (recorder) =>
      recordKmeansCost(recorder, { values: source, count: values.length, partials, firstPartial: 0 }),
    );
    return await gpu.readFloats(partials, partialCount);
  });
}
