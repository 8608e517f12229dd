// Many rows that never leave the device: rounds of k-means from given first centroids, then every cluster's pairwise scores; the
// wall clock from the first submission to the last score and row read back. Default 10,000,000 x 512 on a GPU, k = 1000.
import { kmeans } from "../../src/dedup/kmeans.ts";
import type { RowStore } from "../../src/dedup/row_store.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { type EmbeddingPlan, firstCentroids, originalOf, plannedDefaults } from "../embedding_data.ts";
import { benchRow } from "../harness.ts";
import { residentRows } from "../resident_rows.ts";
import type { Suite } from "../suite.ts";
import { summarize } from "../timing.ts";
import { ResidentAssign } from "./resident_assign.ts";
import { type BlockScores, ResidentPairwise, scoresByRow } from "./resident_pairwise.ts";

const eps = 0.05;

export const run: Suite = async ({ gpu, quick, sizes, say, emit }) => {
  const [k, dim] = quick ? [20, 64] : [1000, 512];
  const rounds = quick ? 3 : 20;
  for (const rowCount of sizes([quick ? 4000 : gpu.adapter.software ? 50_000 : 10_000_000])) {
    const plan: EmbeddingPlan = { ...plannedDefaults, rowCount, dim, centerCount: Math.ceil(k * 1.6) };
    const pairwise = new ResidentPairwise(gpu);
    // Few and large buffers, as nobody else wants the device.
    const store = await residentRows(gpu, plan, 2 ** 31);
    const init = firstCentroids(plan, k);
    try {
      const runs: ScaleRun[] = [];
      // The first compiles, takes memory from the driver and makes the device leave its idle clocks.
      for (let i = 0; i < (quick ? 2 : 4); i++) runs.push(await workOnce(gpu, pairwise, store, init, rounds));
      const timing = summarize(runs.slice(1).map(({ seconds }) => seconds));
      const middle = runs.slice(1).find(({ seconds }) => seconds === timing.median) ?? runs.at(-1)!;
      emit(
        benchRow({
          suite: "scale",
          name: `${rounds} rounds and pairwise`,
          size: `${rowCount} x ${dim}, k ${k}`,
          rowCount,
          adapter: gpu.adapter.name,
          basis: "device",
          ours: timing.median,
          spread: timing.spread,
          rate: rowCount / timing.median,
          unit: "rows/s",
          correct: runs.every(
            (run) => run.isWhole && findsPlanted(plan, run.labels, scoresByRow(run.blocks, rowCount)),
          ),
          details: {
            rounds: middle.rounds,
            eps,
            kmeansSeconds: middle.clustered,
            labelSeconds: middle.assigned - middle.clustered,
            pairwiseSeconds: middle.seconds - middle.assigned,
            firstRunSeconds: runs[0]!.seconds,
          },
        }),
      );
      say(
        `  of it ${middle.clustered.toFixed(2)} s rounds, ${(middle.assigned - middle.clustered).toFixed(2)} s labels, ${(middle.seconds - middle.assigned).toFixed(2)} s pairwise; the first run, which compiles and allocates, ${runs[0]!.seconds.toFixed(2)} s`,
      );
    } finally {
      store.destroy();
    }
  }
};

/** Times are seconds since the start. */
interface ScaleRun {
  readonly rounds: number;
  /** Whether all rounds were worked; those that change nothing any more are left out. */
  readonly isWhole: boolean;
  readonly clustered: number;
  readonly assigned: number;
  readonly seconds: number;
  readonly labels: Uint32Array;
  readonly blocks: readonly BlockScores[];
}

async function workOnce(
  gpu: GpuContext,
  pairwise: ResidentPairwise,
  store: RowStore,
  init: Float32Array,
  rounds: number,
): Promise<ScaleRun> {
  const nClusters = init.length / store.dim;
  const started = performance.now();
  const lap = (): number => (performance.now() - started) / 1000;
  const result = await kmeans(gpu, store, { nClusters, init, maxIter: rounds, tol: 0 });
  const clustered = lap();
  const assign = await ResidentAssign.prepare(gpu, store, result.centroids, { labelsOnly: true });
  try {
    assign.submit();
    await gpu.settle();
    const assigned = lap();
    const blocks = await pairwise.run(store, assign.labelBuffers, nClusters, eps);
    const seconds = lap();
    return {
      rounds: result.iterations.length,
      isWhole: result.iterations.length === rounds || result.converged,
      ...{ clustered, assigned, seconds, blocks },
      labels: await assign.labels(),
    };
  } finally {
    assign.destroy();
  }
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
