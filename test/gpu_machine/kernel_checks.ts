// One check for each kernel, run once for each variant that the device has. The type asks for a check of every kernel.
import type { GpuContext } from "../../src/gpu/context.ts";
import type { KernelName } from "../../src/gpu/kernel.ts";
import { kernelNames, variantsOn, withVariants } from "../support/variants.ts";
import type { Check, Extent } from "./check.ts";
import * as kmeans from "./kmeans_kernel_checks.ts";
import * as motion from "./motion_kernel_checks.ts";
import * as rows from "./row_kernel_checks.ts";
import * as sketches from "./sketch_kernel_checks.ts";

const checkOf: {
  readonly [K in KernelName]: (gpu: GpuContext, extent: Extent) => Promise<void>;
} = {
  centroid_distance: rows.checkCentroidDistance,
  frame_to_rows: rows.checkFrameToRows,
  frame_to_tensor: rows.checkFrameToTensor,
  half_pack: rows.checkHalfPack,
  hsv_difference: rows.checkHsvDifference,
  kmeans_assign: kmeans.checkAssign,
  kmeans_bases: kmeans.checkLabelSort,
  kmeans_cost: kmeans.checkCost,
  kmeans_duel: kmeans.checkDuel,
  kmeans_offsets: kmeans.checkLabelSort,
  kmeans_pick: kmeans.checkPick,
  kmeans_prune: sketches.checkPrune,
  kmeans_rank: kmeans.checkRank,
  kmeans_scatter: kmeans.checkLabelSort,
  kmeans_score: sketches.checkScore,
  kmeans_screen: kmeans.checkScreen,
  kmeans_seed: kmeans.checkSeed,
  kmeans_settle: sketches.checkSettle,
  kmeans_sum: kmeans.checkSum,
  kmeans_update: kmeans.checkUpdate,
  mean_pool: rows.checkMeanPool,
  motion_match: motion.checkMatch,
  motion_shrink: motion.checkShrink,
  pair_score: rows.checkPairScore,
  pair_settle: rows.checkPairSettle,
  pairwise_match: rows.checkPairwiseMatch,
  pairwise_max: rows.checkPairwiseMax,
  pairwise_screen: rows.checkPairwiseScreen,
  panel_pack: rows.checkPanelPack,
  row_gather: rows.checkGather,
  row_normalize: rows.checkNormalize,
  row_rest_norms: rows.checkRestNorms,
  row_sketch: sketches.checkRowSketch,
  sketch_moment: sketches.checkSketchMoment,
};

/** Checks that cover several kernels at once, none of which has variants, come up once. */
export function kernelChecks(gpu: GpuContext, quick: boolean): Check[] {
  const names = new Map<(typeof checkOf)[KernelName], KernelName[]>();
  for (const kernel of kernelNames)
    names.set(checkOf[kernel], [...(names.get(checkOf[kernel]) ?? []), kernel]);
  return [...names].flatMap(([check, kernels]) =>
    variantsOn(gpu, kernels[0]!)
      .filter(({ missing }) => missing === undefined)
      .map(({ name, dimMultiple }) => ({
        name: `${kernels.join(", ")} (${name})`,
        run: async (device) => {
          const extent = { quick, takes: (dim: number) => dim % dimMultiple === 0 };
          await check(withVariants(device, { [kernels[0]!]: name }), extent);
          return undefined;
        },
      })),
  );
}

/** What the device takes for each kernel, and what it cannot run. */
export function describeVariants(gpu: GpuContext): string[] {
  return kernelNames.map((kernel) => {
    const variants = variantsOn(gpu, kernel);
    const chosen = [...new Set([gpu.variantOf(kernel, 512), gpu.variantOf(kernel, 511)])].join(" or ");
    const missing = variants.flatMap(({ name, missing: why }) =>
      why === undefined ? [] : [`no ${name}: ${why}`],
    );
    return [`${kernel}: ${chosen}, of ${variants.length}`, ...missing].join("; ");
  });
}
