// Kernel kmeans_pick: the labels of listed rows, which kmeans_assign worked by stretches of the centroids.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";

/** Centroids of one stretch: those of a tile. */
const stretchCentroids = 256;

export function stretchCount(centroidCount: number): number {
  return divideUp(centroidCount, stretchCentroids);
}

export interface KmeansPickInputs {
  /** The listed rows (row_list.ts). */
  readonly list: GPUBuffer;
  readonly stretches: number;
  /** f32 and u32, listed rows x stretches: best score and its centroid. */
  readonly scores: GPUBuffer;
  readonly candidates: GPUBuffer;
  /** u32: written for the listed rows. */
  readonly labels: GPUBuffer;
}

export function recordKmeansPick(recorder: Recorder, inputs: KmeansPickInputs): void {
  const { list, stretches, scores, candidates, labels } = inputs;
  recorder.dispatch("kmeans_pick", {
    params: { stretches },
    bindings: { list, scores, candidates, labels },
    grid: { indirect: list },
  });
}

/** `labels` with those of the listed rows settled, on plain arrays; scores are listed rows x stretches. */
export async function kmeansPick(
  gpu: GpuContext,
  labels: Uint32Array,
  listed: Uint32Array,
  scores: Float32Array,
  candidates: Uint32Array,
): Promise<Uint32Array> {
  return await BufferScope.run(gpu, async (scope) => {
    const settled = scope.upload("kmeans_pick.labels", labels);
    const header = [divideUp(listed.length, 64), 1, 1, listed.length];
    gpu.submit("kmeans_pick", (recorder) =>
      recordKmeansPick(recorder, {
        list: scope.upload("kmeans_pick.list", Uint32Array.from([...header, ...listed])),
        stretches: listed.length === 0 ? 1 : scores.length / listed.length,
        scores: scope.upload("kmeans_pick.scores", scores),
        candidates: scope.upload("kmeans_pick.candidates", candidates),
        labels: settled,
      }),
    );
    return await gpu.readUints(settled, labels.length);
  });
}
