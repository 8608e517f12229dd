// Measures which variant of a kernel is fastest on a device, where tables cannot know: GPUs of many makes run both forms of
// the f32 assignment, with and without workgroup memory. Takes a few tenths of a second once; callers keep the result.
import type { GpuContext } from "../gpu/context.ts";
import type { Tuning } from "../gpu/variant_choice.ts";
import { BufferScope } from "./buffer_scope.ts";
import { kmeansAssignLayout, recordKmeansAssign } from "./kmeans_assign.ts";
import { recordHalfNorms } from "./kmeans_update.ts";
import { panelByteLength } from "./panel_pack.ts";

/** Enough work that a large GPU is busy, little enough that a small one is soon done. */
const shape = { rowCount: 16_384, centroidCount: 512, dim: 256 };
const repeats = 5;

/** The fastest variant of each kernel that has several for this device. */
export async function tuneKernels(gpu: GpuContext): Promise<Tuning> {
  const candidates = gpu.runnableVariants("kmeans_assign", shape.dim);
  if (candidates.length < 2) return {};
  const before = gpu.tuning;
  let best = { variant: candidates[0]!, seconds: Number.POSITIVE_INFINITY };
  try {
    for (const variant of candidates) {
      gpu.tuning = { ...before, kmeans_assign: variant };
      const seconds = await assignSeconds(gpu);
      if (seconds < best.seconds) best = { variant, seconds };
    }
  } finally {
    gpu.tuning = before;
  }
  return { kmeans_assign: best.variant };
}

/** The least of some runs, after one that compiles; rows are zeros, as the time does not depend on them. */
async function assignSeconds(gpu: GpuContext): Promise<number> {
  const { rowCount, centroidCount, dim } = shape;
  const inPanels = kmeansAssignLayout(gpu, dim) === "panels";
  const bytes = (count: number): number => (inPanels ? panelByteLength(count, dim) : count * dim * 4);
  return await BufferScope.run(gpu, async (scope) => {
    const rows = scope.buffer("tuning.rows", bytes(rowCount));
    const centroids = scope.buffer("tuning.centroids", bytes(centroidCount));
    const labels = scope.buffer("tuning.labels", rowCount * 4);
    const distances = scope.buffer("tuning.distances", rowCount * 4);
    let halfNorms: GPUBuffer | undefined;
    gpu.submit("tuning.half_norms", (recorder) => {
      halfNorms = recordHalfNorms(recorder, scope, centroids, centroidCount, dim);
    });
    const inputs = {
      rows,
      rowCount,
      dim,
      centroids,
      centroidCount,
      halfNorms: halfNorms!,
      labels,
      distances,
    };
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run <= repeats; run++) {
      const started = performance.now();
      gpu.submit("tuning", (recorder) => recordKmeansAssign(recorder, { ...inputs, labelsOnly: true }));
      await gpu.settle();
      if (run > 0) least = Math.min(least, (performance.now() - started) / 1000);
    }
    return least;
  });
}
