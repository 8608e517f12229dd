// k-means on rows that are on the device: the assignment alone, then whole rounds from given first centroids, so that every tool
// does the same work; the objective of every tool's centroids is computed by one program, ours.
import { kmeans } from "../../src/dedup/kmeans.ts";
import type { RowStore } from "../../src/dedup/row_store.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import type { KernelTime } from "../../src/gpu/kernel_timer.ts";
import { kmeansAssign as twin } from "../../src/reference/kmeans_assign.ts";
import {
  chosenRows,
  type EmbeddingPlan,
  firstCentroids,
  plannedDefaults,
  sampleOf,
} from "../embedding_data.ts";
import { closeTo, kernelSeconds, kernelShares, rateOf } from "../harness.ts";
import { residentRows } from "../resident_rows.ts";
import { besidePeers, type Suite, type SuiteContext } from "../suite.ts";
import { timeRuns, timeSubmissions } from "../timing.ts";
import { ResidentAssign } from "./resident_assign.ts";

/** Labels that may differ from a peer's: near ties that another order of sums decides otherwise. */
const tieShare = 1e-3;
/** The same rounds from the same centroids end this near; further is other work. */
const objectiveShare = 1e-3;

/** What rounds ask for, and f32 throughout; the same on a device that has no faster exact way. */
const ways = [
  { name: "assign", labelsOnly: true },
  { name: "assign, f32", labelsOnly: true, screened: false },
] as const;

export const run: Suite = async (context) => {
  const { gpu, quick } = context;
  const [k, dim] = quick ? [50, 64] : [1000, 512];
  const defaults = quick
    ? [2000]
    : gpu.adapter.software
      ? [10_000, 20_000, 50_000, 100_000]
      : [20_000, 100_000, 1_000_000];
  const rounds = quick ? 3 : gpu.adapter.software ? 5 : 20;
  for (const rowCount of context.sizes(defaults)) {
    // Other centres than k: where both are the same, rounds soon have nothing left to do.
    const base: EmbeddingPlan = { ...plannedDefaults, rowCount, dim, centerCount: Math.ceil(k * 1.6) };
    // Sketches, which need a spectrum that falls, are for software adapters.
    for (const kind of gpu.adapter.software && !quick
      ? (["clustered", "falling"] as const)
      : (["clustered"] as const)) {
      const plan = { ...base, kind };
      // Few and large buffers, as nobody else wants the device.
      const store = await residentRows(gpu, plan, 2 ** 31);
      try {
        for (const way of ways) await assignment(context, plan, store, k, way);
        await lloydRounds(context, plan, store, k, rounds);
      } finally {
        store.destroy();
      }
    }
  }
};

async function assignment(
  context: SuiteContext,
  plan: EmbeddingPlan,
  store: RowStore,
  k: number,
  kind: (typeof ways)[number],
): Promise<void> {
  const { gpu, quick } = context;
  const { rowCount, dim } = plan;
  const centroids = firstCentroids(plan, k);
  const flops = 2 * rowCount * k * dim;
  const assign = await ResidentAssign.prepare(gpu, store, centroids, kind);
  try {
    const timing = await timeSubmissions(
      quick,
      () => assign.submit(),
      () => gpu.settle(),
    );
    const { kernels } = await gpu.timed(async () => {
      assign.submit();
      await gpu.settle();
    });
    const labels = await assign.labels();
    const correct = nearest(plan, centroids, labels, sampleOf(plan, quick ? 50 : 64));
    await besidePeers(context, {
      plan,
      task: "assign",
      centroids,
      work: flops,
      ours: () => ({
        suite: "kmeans",
        name: kind.name,
        size: `${rowCount} x ${dim}, k ${k}, ${plan.kind}`,
        rowCount,
        adapter: gpu.adapter.name,
        basis: "device",
        ours: timing.median,
        spread: timing.spread,
        gpuTime: kernels && kernelSeconds(kernels),
        ...rateOf({ flops }, timing.median),
        correct,
        details: kernelShares(kernels),
      }),
      compare(result) {
        const theirs = new Uint32Array(result);
        let differing = 0;
        for (let row = 0; row < rowCount; row++) if (theirs[row] !== labels[row]) differing++;
        return {
          agrees: differing <= Math.max(2, tieShare * rowCount),
          details: { differingLabels: differing },
        };
      },
    });
  } finally {
    assign.destroy();
  }
}

/** Whether the labelled centroid is as near as any, by the float64 twin, on chosen rows. */
function nearest(
  plan: EmbeddingPlan,
  centroids: Float32Array,
  labels: Uint32Array,
  sample: readonly number[],
): boolean {
  const rows = chosenRows(plan, sample);
  const expected = twin(rows, centroids, plan.dim).distances;
  const actual = sample.map((row, i) => {
    const center = centroids.subarray(labels[row]! * plan.dim, (labels[row]! + 1) * plan.dim);
    return center.reduce((sum, value, j) => sum + (value - rows[i * plan.dim + j]!) ** 2, 0);
  });
  return closeTo(actual, expected, 1e-5);
}

async function lloydRounds(
  context: SuiteContext,
  plan: EmbeddingPlan,
  store: RowStore,
  k: number,
  rounds: number,
): Promise<void> {
  const { gpu, quick } = context;
  const { rowCount, dim } = plan;
  const init = firstCentroids(plan, k);
  const work = () => kmeans(gpu, store, { nClusters: k, init, maxIter: rounds, tol: 0 });
  const timing = await timeRuns(quick, work);
  const { result, kernels } = await gpu.timed(work);
  const first = await inertiaOf(gpu, store, init);
  const objective = await inertiaOf(gpu, store, result.centroids);
  const flops = 2 * rowCount * k * dim * result.iterations.length;
  await besidePeers(context, {
    plan,
    task: "kmeans",
    centroids: init,
    rounds,
    work: flops,
    ours: () => ({
      suite: "kmeans",
      name: `kmeans, ${rounds} rounds`,
      size: `${rowCount} x ${dim}, k ${k}, ${plan.kind}`,
      rowCount,
      adapter: gpu.adapter.name,
      basis: "device",
      ours: timing.median,
      spread: timing.spread,
      gpuTime: kernels && kernelSeconds(kernels),
      ...rateOf({ flops }, timing.median),
      // The rounds are proven against the twin by the tests; here the objective must fall, to what peers reach from the same
      // start.
      correct:
        objective < first &&
        (result.iterations.length === rounds || result.converged) &&
        neverRises(result.iterations),
      details: { objective, rounds: result.iterations.length, ...shares(kernels) },
    }),
    async compare(centroids, answer) {
      const theirs = await inertiaOf(gpu, store, new Float32Array(centroids));
      return {
        agrees: answer.ownSeeds === true ? null : Math.abs(theirs / objective - 1) < objectiveShare,
        details: { peerObjective: theirs, peerRounds: answer.rounds ?? rounds },
      };
    },
  });
}

/** Sum of squared distances to the nearest of the centroids, by the f32 assignment alone, whatever rounds use. */
async function inertiaOf(gpu: GpuContext, store: RowStore, centroids: Float32Array): Promise<number> {
  const assign = await ResidentAssign.prepare(gpu, store, centroids, { labelsOnly: false });
  assign.submit();
  const cost = await assign.cost();
  assign.destroy();
  return cost;
}

function neverRises(iterations: readonly { readonly inertia: number }[]): boolean {
  return iterations.every(({ inertia }, i) => i === 0 || inertia <= iterations[i - 1]!.inertia * (1 + 1e-5));
}

/** Share of each kernel of a round on the device's clock; the update is what neither assigns nor brings rows into its form. */
function shares(kernels: readonly KernelTime[] | null): Record<string, number> {
  if (kernels === null) return {};
  const total = kernelSeconds(kernels);
  const assigning = kernels.filter(({ kernel }) => /assign|pack|screen|duel|sketch|prune|pair_/.test(kernel));
  return { updateShare: 1 - kernelSeconds(assigning) / total, ...kernelShares(kernels) };
}
