// "clipsieve/kernels": the GPU kernels on plain Float32Arrays, in Node, Deno, Bun and browsers, with no files involved.
// Every function takes the device first; open one with `openGpu()` and close it with its `destroy()`.
import { GpuContext, type GpuContextOptions } from "./gpu/context.ts";

export type { PairwiseLimits, RankedRows } from "./dedup/block_cache.ts";
export type { KmeansIteration, KmeansOptions, KmeansResult } from "./dedup/kmeans.ts";
export {
  type ArrayKmeansResult,
  type ArrayOptions,
  type Assignment,
  assign,
  kmeans,
  noLabel,
  pairwise,
} from "./dedup/on_arrays.ts";
export { type PairwiseOptions, type PairwiseScores, pairwiseMany } from "./dedup/pairwise.ts";
export { pairwisePairs, type SimilarPairs } from "./dedup/similar_pairs.ts";
export { DeviceLostError, DeviceUnavailableError, GpuValidationError, UsageError } from "./errors.ts";
export type { AdapterSummary } from "./gpu/adapter.ts";
export { GpuContext, type GpuContextOptions } from "./gpu/context.ts";
export { centroidDistance } from "./kernels/centroid_distance.ts";
export { type FrameRule, frameToTensor } from "./kernels/frame_to_tensor.ts";
export { hsvDifference } from "./kernels/hsv_difference.ts";
export { kmeansAssign } from "./kernels/kmeans_assign.ts";
export { meanPool } from "./kernels/mean_pool.ts";
export { pairwiseMatch } from "./kernels/pairwise_match.ts";
export { rowNormalize } from "./kernels/row_normalize.ts";

/** Opens a device: the best GPU there is, or a software adapter. Throws DeviceUnavailableError where there is none. */
export async function openGpu(options: GpuContextOptions = {}): Promise<GpuContext> {
  return await GpuContext.acquire(options);
}
