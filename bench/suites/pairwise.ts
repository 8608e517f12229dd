// Pairwise similarity: the best earlier row of each row, of one cluster and of many, from arrays in memory to scores in memory;
// against a peer on a GPU, whose rows are there already, the kernels alone. All must find exactly what was planted.
import { pairwiseMany, pairwiseMax } from "../../src/dedup/pairwise.ts";
import { pairwiseMax as twin } from "../../src/reference/pairwise_max.ts";
import {
  type EmbeddingPlan,
  embeddingRows,
  originalOf,
  plannedDefaults,
  plantedRows,
} from "../embedding_data.ts";
import { closeTo, kernelSeconds, kernelShares, rateOf } from "../harness.ts";
import { besidePeers, type Suite, type SuiteContext } from "../suite.ts";
import { timeRuns } from "../timing.ts";

const eps = 0.05;

export const run: Suite = async (context) => {
  const { gpu, quick } = context;
  const dim = quick ? 64 : 512;
  const one = quick ? [500] : gpu.adapter.software ? [1000, 2000, 5000, 10_000] : [5000, 20_000, 100_000];
  for (const rowCount of context.sizes(one)) {
    await measurePairwise(
      context,
      { ...plannedDefaults, rowCount, dim, centerCount: 1 },
      "pairwise, one cluster",
    );
  }
  const many = quick
    ? [1000]
    : gpu.adapter.software
      ? [10_000, 20_000, 50_000, 100_000]
      : [100_000, 1_000_000];
  for (const rowCount of context.sizes(many)) {
    const groupRows = quick ? 100 : gpu.adapter.software ? 333 : 1000;
    const plan = { ...plannedDefaults, rowCount, dim, groupRows };
    await measurePairwise(context, plan, `pairwise, clusters of ${groupRows}`);
  }
};

/** Every row's best similarity, or exact ones from 1 - eps on, which is what finding duplicates takes. */
const modes = ["exact", "thresholded"] as const;

async function measurePairwise(context: SuiteContext, plan: EmbeddingPlan, title: string): Promise<void> {
  const rows = embeddingRows(plan);
  for (const mode of modes) {
    await measureMode(context, plan, rows, mode, mode === "exact" ? title : `${title}, ${mode}`);
  }
}

async function measureMode(
  context: SuiteContext,
  plan: EmbeddingPlan,
  rows: Float32Array,
  mode: (typeof modes)[number],
  name: string,
): Promise<void> {
  const { gpu, quick } = context;
  const { rowCount, dim } = plan;
  const options = mode === "exact" ? {} : ({ scores: mode, eps } as const);
  const groups = groupSizes(plan);
  const work = async (): Promise<Float32Array> => {
    if (groups.length === 1) return (await pairwiseMax(gpu, rows, dim, options)).scores;
    const clusters = groups.map((size, i) => {
      const first = i * groups[0]!;
      return rows.subarray(first * dim, (first + size) * dim);
    });
    const scores = new Float32Array(rowCount);
    let at = 0;
    for (const result of await pairwiseMany(gpu, clusters, dim, options)) {
      scores.set(result.scores, at);
      at += result.scores.length;
    }
    return scores;
  };
  const timing = await timeRuns(quick, work);
  const { kernels } = await gpu.timed(work);
  const gpuTime = kernels && kernelSeconds(kernels);
  const scores = await work();
  const planted = plantedRows(plan);
  const sampleRows = Math.min(500, groups[0]!);
  const expected = twin(rows.subarray(0, sampleRows * dim), dim).scores;
  if (mode === "thresholded")
    for (const [row, score] of expected.entries()) if (score < 1 - eps) expected[row] = 0;
  const correct = same(found(scores), planted) && closeTo(scores.subarray(0, sampleRows), expected, 1e-5);
  // Only products with an earlier row count, for every tool: what else a tool computes is its own affair.
  const flops = groups.reduce((sum, size) => sum + size * (size - 1) * dim, 0);
  const partners = withPartner(plan, planted);
  await besidePeers(context, {
    plan,
    task: "pairwise",
    groupRows: groups,
    work: flops,
    ours(onGpu) {
      const onDevice = onGpu && gpuTime !== null;
      const ours = onDevice ? gpuTime : timing.median;
      return {
        suite: "pairwise",
        name,
        size: `${rowCount} x ${dim}`,
        rowCount,
        adapter: gpu.adapter.name,
        basis: onDevice ? "device" : "wall",
        ours,
        spread: timing.spread,
        gpuTime,
        ...rateOf({ flops }, ours),
        correct,
        details: { duplicates: planted.length, eps, wallSeconds: timing.median, ...kernelShares(kernels) },
      };
    },
    compare(result, { looksAt }) {
      const theirs = found(new Float32Array(result));
      return {
        agrees: same(theirs, looksAt === "any" ? partners : planted),
        details: { peerFinds: theirs.length, looksAt: looksAt ?? "earlier" },
      };
    },
  });
}

function groupSizes({ rowCount, groupRows }: EmbeddingPlan): number[] {
  if (groupRows === 0) return [rowCount];
  const sizes: number[] = [];
  for (let first = 0; first < rowCount; first += groupRows) sizes.push(Math.min(groupRows, rowCount - first));
  return sizes;
}

/** Rows whose score makes them a duplicate. */
function found(scores: Float32Array): number[] {
  const rows: number[] = [];
  for (let row = 0; row < scores.length; row++) if (scores[row]! >= 1 - eps) rows.push(row);
  return rows;
}

/** Planted rows and their originals: what a tool finds that looks at all other rows. */
function withPartner(plan: EmbeddingPlan, planted: readonly number[]): number[] {
  return [...new Set(planted.flatMap((row) => [row, originalOf(plan, row)]))].sort((a, b) => a - b);
}

function same(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((row, i) => row === right[i]);
}
