// Half of each centroid's squared norm, in the two forms that kernels read: one value for each centroid, and matrices that
// the sums of kmeans_screen begin with, 16 equal rows of minus the half norms of 16 centroids, as a matrix is loaded whole.
// [0, padded): the values, padded to a multiple of 256 so that tiles need not ask where centroids end; then padded / 16
// matrices of 256 values. What lies past the last centroid is out of reach.
import { divideUp } from "../gpu/grid.ts";
import type { BufferScope } from "./buffer_scope.ts";

const outOfReach = 3.4e38;

/** Room for the half norms of `count` centroids, f32; kmeans_update fills them in. */
export function halfNormBuffer(scope: BufferScope, label: string, count: number): GPUBuffer {
  const padded = divideUp(count, 256) * 256;
  const values = new Float32Array(padded * 17).fill(outOfReach, 0, padded).fill(-outOfReach, padded);
  return scope.upload(`${label}.half_norms`, values);
}
