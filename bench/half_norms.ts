// Half norms of centroids that a bench holds as an array.
import type { GpuContext } from "../src/gpu/context.ts";
import type { BufferScope } from "../src/kernels/buffer_scope.ts";
import { recordHalfNorms } from "../src/kernels/kmeans_assign.ts";

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
