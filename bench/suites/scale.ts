// Many rows that never leave the device: rounds of k-means from given first centroids, then every cluster's pairwise scores; the
// wall clock from the first submission to the last score and row read back. Default 10,000,000 x 512 on a GPU, k = 1000.
import { kmeans } from "../../src/dedup/kmeans.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { type EmbeddingPlan, firstCentroids, originalOf, plannedDefaults } from "../embedding_data.ts";
import { benchRow } from "../harness.ts";
import { residentRows } from "../resident_rows.ts";
import type { Suite } from "../suite.ts";
import { ResidentAssign } from "./resident_assign.ts";
import { ResidentPairwise, scoresByRow } from "./resident_pairwise.ts";

const eps = 0.05;

export const run: Suite = async ({ gpu, quick, sizes, say, emit }) => {
  const [k, dim] = quick ? [20, 64] : [1000, 512];
  const rounds = quick ? 3 : 20;
  for (const rowCount of sizes([quick ? 4000 : gpu.adapter.software ? 50_000 : 10_000_000])) {
    const plan: EmbeddingPlan = { ...plannedDefaults, rowCount, dim, centerCount: Math.ceil(k * 1.6) };
    const pairwise = new ResidentPairwise(gpu);
    await warmUp(gpu, pairwise, { ...plan, rowCount: Math.min(rowCount, 20_000) }, k);
    // Few and large buffers, as nobody else wants the device.
    const store = await residentRows(gpu, plan, 2 ** 31);
    const init = firstCentroids(plan, k);
    try {
      // Makes the device leave its idle clocks.
      await kmeans(gpu, store, { nClusters: k, init, maxIter: 1, tol: 0 });
      const started = performance.now();
      const lap = (): number => (performance.now() - started) / 1000;
      const result = await kmeans(gpu, store, { nClusters: k, init, maxIter: rounds, tol: 0 });
      const clustered = lap();
      const assign = await ResidentAssign.prepare(gpu, store, result.centroids, { labelsOnly: true });
      assign.submit();
      await gpu.settle();
      const assigned = lap();
      const blocks = await pairwise.run(store, assign.labelBuffers, k, eps);
      const done = lap();
      const labels = await assign.labels();
      assign.destroy();
      emit(
        benchRow({
          suite: "scale",
          name: `${rounds} rounds and pairwise`,
          size: `${rowCount} x ${dim}, k ${k}`,
          rowCount,
          adapter: gpu.adapter.name,
          basis: "device",
          ours: done,
          rate: rowCount / done,
          unit: "rows/s",
          // Rounds that change nothing any more are left out.
          correct:
            (result.iterations.length === rounds || result.converged) &&
            findsPlanted(plan, labels, scoresByRow(blocks, rowCount)),
          details: {
            rounds: result.iterations.length,
            eps,
            kmeansSeconds: clustered,
            labelSeconds: assigned - clustered,
            pairwiseSeconds: done - assigned,
          },
        }),
      );
      say(
        `  of it ${clustered.toFixed(2)} s rounds, ${(assigned - clustered).toFixed(2)} s labels, ${(done - assigned).toFixed(2)} s pairwise`,
      );
    } finally {
      store.destroy();
    }
  }
};

/** Compiles what is used. */
async function warmUp(
  gpu: GpuContext,
  pairwise: ResidentPairwise,
  plan: EmbeddingPlan,
  k: number,
): Promise<void> {
  const store = await residentRows(gpu, plan);
  const { centroids } = await kmeans(gpu, store, {
    nClusters: k,
    init: firstCentroids(plan, k),
    maxIter: 2,
    tol: 0,
  });
  const assign = await ResidentAssign.prepare(gpu, store, centroids, { labelsOnly: true });
  assign.submit();
  await pairwise.run(store, assign.labelBuffers, k, eps);
  assign.destroy();
  store.destroy();
}

/** Whether exactly the rows are duplicates that have an earlier like in their cluster. */
function findsPlanted(plan: EmbeddingPlan, labels: Uint32Array, scores: Float32Array): boolean {
  // The clusters in which a like of each original was already met.
  const met = new Map<number, number[]>();
  for (let row = 0; row < plan.rowCount; row++) {
    const original = originalOf(plan, row);
    const label = labels[row]!;
    let expected = false;
    if (original >= 0) {
      const others = met.get(original) ?? [];
      expected = labels[original] === label || others.includes(label);
      met.set(original, [...others, label]);
    }
    if (scores[row]! >= 1 - eps !== expected) return false;
  }
  return true;
}
