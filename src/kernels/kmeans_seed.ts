// Kernel kmeans_seed: the sampling step of k-means|| with random numbers that depend on seed, round and row alone.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";

export interface KmeansSeedParams {
  readonly seed: number;
  readonly round: number;
  /** A row is picked with probability scale x squared distance. */
  readonly scale: number;
  /** Index of the first row in the whole collection. */
  readonly firstRow: number;
}

export interface KmeansSeedInputs extends KmeansSeedParams {
  /** f32, rowCount: squared distances to the nearest candidate. */
  readonly distances: GPUBuffer;
  readonly rowCount: number;
  /** One u32, 0 before; receives the number of picks. */
  readonly pickCount: GPUBuffer;
  /** u32, rowCount; receives the picked rows, counted from 0 in `distances`, in no order. */
  readonly picks: GPUBuffer;
}

export function recordKmeansSeed(recorder: Recorder, inputs: KmeansSeedInputs): void {
  if (inputs.rowCount === 0) return;
  recorder.dispatch("kmeans_seed", {
    params: {
      row_count: inputs.rowCount,
      first_row: inputs.firstRow,
      seed: inputs.seed,
      round: inputs.round,
      scale: inputs.scale,
    },
    bindings: { distances: inputs.distances, pick_count: inputs.pickCount, picks: inputs.picks },
    grid: foldGrid(divideUp(inputs.rowCount, 64)),
  });
}

/** Reads the picks back, ascending. */
export async function readPicks(
  gpu: GpuContext,
  pickCount: GPUBuffer,
  picks: GPUBuffer,
): Promise<Uint32Array> {
  const [count = 0] = await gpu.readUints(pickCount, 1);
  return (await gpu.readUints(picks, count)).sort();
}

/** Picked rows (u32, ascending), on plain arrays. */
export async function kmeansSeed(
  gpu: GpuContext,
  distances: Float32Array,
  params: KmeansSeedParams,
): Promise<Uint32Array> {
  return await BufferScope.run(gpu, async (scope) => {
    const pickCount = scope.buffer("kmeans_seed.pick_count", 4);
    const picks = scope.buffer("kmeans_seed.picks", distances.byteLength);
    const source = scope.upload("kmeans_seed.distances", distances);
    gpu.submit("kmeans_seed", (recorder) =>
      recordKmeansSeed(recorder, {
        ...params,
        distances: source,
        rowCount: distances.length,
        pickCount,
        picks,
      }),
    );
    return await readPicks(gpu, pickCount, picks);
  });
}
