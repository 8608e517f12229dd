// Half norms of centroids that a bench holds as an array: on the device, and as an array for float64 twins.
import type { GpuContext } from "../src/gpu/context.ts";
import type { BufferScope } from "../src/kernels/buffer_scope.ts";
import { recordHalfNorms } from "../src/kernels/kmeans_update.ts";

export function halfNormsOf(
  gpu: GpuContext,
  scope: BufferScope,
  centroids: Float32Array,
  count: number,
  dim: number,
): GPUBuffer {
  let halfNorms: GPUBuffer | undefined;
  const source = scope.upload("bench.half_norm_source", centroids);
  gpu.submit("bench.half_norms", (recorder) => {
    halfNorms = recordHalfNorms(recorder, scope, source, count, dim);
  });
  return halfNorms!;
}

/** f32, half of each row's squared length. */
export function halfNormArray(rows: Float32Array, dim: number): Float32Array {
  return Float32Array.from({ length: rows.length / dim }, (_, row) => {
    let square = 0;
    for (let i = 0; i < dim; i++) square += rows[row * dim + i]! ** 2;
    return square / 2;
  });
}
