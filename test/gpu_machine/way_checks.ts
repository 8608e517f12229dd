// Checks of whole ways over several kernels: whatever the device takes for speed gives the labels, scores, indices and
// inertia of f32 over everything.
import { CentroidSet } from "../../src/dedup/centroid_set.ts";
import { kmeans } from "../../src/dedup/on_arrays.ts";
import { pairwiseMany, pairwiseMax } from "../../src/dedup/pairwise.ts";
import { RowState } from "../../src/dedup/row_state.ts";
import type { RowStoreOptions } from "../../src/dedup/row_store.ts";
import { pairwisePairs } from "../../src/dedup/similar_pairs.ts";
import { findSketchBasis } from "../../src/dedup/sketch_basis.ts";
import type { SketchPlan } from "../../src/dedup/sketched_assign.ts";
import { thresholdOf } from "../../src/dedup/threshold.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { prunesFast } from "../../src/kernels/kmeans_prune.ts";
import { screensInMatrices } from "../../src/kernels/kmeans_screen.ts";
import * as twin from "../../src/reference.ts";
import { blobs, cut, nearThreshold, plantedRows, unitRows, withStore } from "../dedup/rows.ts";
import { assignProblem, rowKinds } from "../support/row_kinds.ts";
import { variantsOn, withVariants } from "../support/variants.ts";
import { type Check, requireClose, requireSame, requireThat } from "./check.ts";
import { requireNearest } from "./kmeans_kernel_checks.ts";

interface Problem {
  readonly rows: Float32Array;
  readonly centroids: Float32Array;
  readonly dim: number;
}

/** Labels of every row as the row state of `gpu` gives them, twice: sketches begin with the labels of the time before. */
async function labelsOf(
  gpu: GpuContext,
  { rows, centroids, dim }: Problem,
  storeOptions: Partial<RowStoreOptions>,
  sketches: Partial<SketchPlan> | undefined,
): Promise<Uint32Array> {
  return await withStore(gpu, rows, { dim, ...storeOptions }, async (store) => {
    const set = CentroidSet.upload(gpu, centroids, dim);
    const plan = sketches && { basis: await findSketchBasis(gpu, store), ...sketches };
    const state = new RowState(gpu, store, plan);
    for (let round = 0; round < 2; round++)
      await store.forEachChunk((chunk) =>
        gpu.submit("check", (recorder) => state.recordAssign(recorder, chunk, set, { labelsOnly: true })),
      );
    const labels = new Uint32Array(store.rowCount);
    for (const chunk of state.chunks)
      labels.set(await gpu.readUints(chunk.labels, chunk.rowCount), chunk.firstRow);
    for (const owned of [state, set]) owned.destroy();
    return labels;
  });
}

const problemsOf = (quick: boolean): [string, Problem][] =>
  (quick
    ? ([[200, 130, 128]] as const)
    : ([
        [65, 3, 64],
        [200, 257, 70],
        [700, 1000, 600],
        [1200, 128, 512],
      ] as const)
  ).flatMap(([rowCount, k, dim]) =>
    rowKinds.map((kind): [string, Problem] => [
      `${kind} rows ${rowCount} x ${dim}, ${k} centroids`,
      { ...assignProblem(kind, rowCount, k, dim), dim },
    ]),
  );

/** Labels without distances, which a device may find by other ways, against kmeans_assign over everything. */
async function checkNearest(
  gpu: GpuContext,
  way: {
    readonly quick: boolean;
    readonly store?: Partial<RowStoreOptions>;
    readonly sketches?: Partial<SketchPlan>;
    /** Have rows screened in f16, by the plain form where there are no matrices, and the rest worked by this variant. */
    readonly screenedWith?: string;
  },
): Promise<string> {
  const { quick, store = {}, sketches, screenedWith } = way;
  // Sketches are made for devices whose kmeans_assign adds up as kmeans_settle does.
  const assigned = screenedWith ?? (sketches !== undefined && !prunesFast(gpu) ? "plain" : undefined);
  const own = assigned === undefined ? {} : { kmeans_assign: assigned };
  const inF32 = withVariants(gpu, { ...own, kmeans_screen: "plain" });
  const screening = withVariants(gpu, own, { kmeans_screen: "matrix" });
  const fast = screenedWith !== undefined ? screening : sketches !== undefined ? inF32 : gpu;
  for (const [what, problem] of problemsOf(quick)) {
    const labels = await labelsOf(fast, problem, store, sketches);
    if (sketches === undefined || prunesFast(gpu))
      requireSame(what, labels, await labelsOf(inF32, problem, store, undefined));
    else requireNearest(what, problem, labels);
  }
  if (sketches !== undefined) return "sketched";
  return screensInMatrices(fast) ? "screened in f16" : "f32 alone";
}

async function checkThresholded(gpu: GpuContext, quick: boolean): Promise<string> {
  let [duplicates, worked, all] = [0, 0, 0];
  const sizes = quick
    ? ([[130, 64]] as const)
    : ([
        [65, 3],
        [130, 64],
        [509, 100],
        [1000, 512],
        [3000, 256],
      ] as const);
  for (const [rowCount, dim] of sizes) {
    for (const eps of [0.05, 0.01]) {
      const few = unitRows(9, dim, 2);
      const cases = {
        planted: plantedRows(rowCount, dim, 3),
        apart: unitRows(rowCount, dim, 1),
        duplicated: Float32Array.from({ length: rowCount * dim }, (_, at) => few[at % few.length]!),
        equal: new Float32Array(rowCount * dim).fill(1 / Math.sqrt(dim)),
        "near the threshold": nearThreshold(rowCount, dim, thresholdOf(eps)),
      };
      for (const [kind, rows] of Object.entries(cases)) {
        for (const size of [rowCount, 77]) {
          const starts = Uint32Array.from({ length: rowCount }, (_, row) => row - (row % size));
          const exact = await pairwiseMax(gpu, rows, dim, { starts });
          const expected = cut(exact, eps);
          duplicates += expected.scores.reduce((sum, score) => sum + (score > 0 ? 1 : 0), 0);
          const what = `${kind} rows ${rowCount} x ${dim} in groups of ${size}, eps ${eps}`;
          const blocks = { maxBlockBytes: 128 * dim * 4, residentBytes: 1 };
          for (const limits of rowCount > 1000 || size === 77 ? [{}] : [{}, blocks]) {
            const options = { starts, eps, scores: "thresholded", ...limits } as const;
            const actual = await pairwiseMax(gpu, rows, dim, {
              ...options,
              onScreened: ({ workedChunks, allChunks }) => {
                worked += workedChunks;
                all += allChunks;
              },
            });
            requireSame(`${what}: scores`, actual.scores, expected.scores);
            requireSame(`${what}: indices`, actual.maxIndex, expected.maxIndex);
          }
        }
      }
    }
  }
  return `${duplicates} duplicates, ${Math.round((100 * worked) / Math.max(all, 1))} % of the chunks worked`;
}

async function checkPairs(gpu: GpuContext): Promise<string> {
  let count = 0;
  for (const [rowCount, dim] of [
    [200, 100],
    [300, 512],
  ] as const) {
    const rows = plantedRows(rowCount, dim, rowCount);
    const starts = Uint32Array.from({ length: rowCount }, (_, row) => row - (row % 65));
    const wanted = twin.pairwiseScreen(rows, dim, 0.93, starts);
    const found = await pairwisePairs(gpu, rows, dim, { threshold: 0.93, starts });
    requireSame(`${rowCount} x ${dim}: later rows`, found.later, wanted.later);
    requireSame(`${rowCount} x ${dim}: earlier rows`, found.earlier, wanted.earlier);
    requireClose(`${rowCount} x ${dim}: scores`, found.scores, wanted.scores, { absolute: dim * 2 ** -23 });
    count += found.later.length;
  }
  const equal = await pairwisePairs(gpu, new Float32Array(300 * 4).fill(0.5), 4, {
    threshold: 1,
    maxPairs: 1,
  });
  requireThat(equal.later.length === (300 * 299) / 2, `${equal.later.length} pairs of 300 equal rows`);
  return `${count} pairs`;
}

async function checkMany(gpu: GpuContext): Promise<string> {
  const clusters = [0, 1, 5, 64, 0, 200, 2, 65, 129].map((count, i) => plantedRows(count, 72, i + 1));
  const exact = await pairwiseMany(gpu, clusters, 72);
  const thresholded = await pairwiseMany(gpu, clusters, 72, { scores: "thresholded", eps: 0.05 });
  exact.forEach((scores, cluster) => {
    const expected = cut(scores, 0.05);
    requireSame(`cluster ${cluster}: scores`, thresholded[cluster]!.scores, expected.scores);
    requireSame(`cluster ${cluster}: indices`, thresholded[cluster]!.maxIndex, expected.maxIndex);
  });
  return `${clusters.length} clusters`;
}

/** Fastest way, f32 alone, and streamed rows: the same bits; plain variants: the same but for rounding. */
async function checkKmeans(gpu: GpuContext, quick: boolean): Promise<string> {
  const [rowCount, k, dim] = quick ? [1000, 40, 64] : [8200, 130, 256];
  // A spectrum that falls, as that of embeddings does, without which no adapter takes to sketches.
  const rows = blobs(rowCount, k, dim, 0.7, 5).rows.map((value, at) => value / (1 + (at % dim)));
  const options = { nClusters: k, maxIter: 5, tol: 0, init: "random" } as const;
  const fast = await kmeans(gpu, rows, dim, options);
  const inertiaOf = ({ iterations }: typeof fast): number[] => iterations.map(({ inertia }) => inertia);
  const exact = withVariants(gpu, { kmeans_screen: "plain", kmeans_prune: "plain" });
  const inF32 = await kmeans(exact, rows, dim, options);
  const streamed = await kmeans(gpu, rows, dim, {
    ...options,
    residentBytes: 0,
    maxChunkBytes: 1024 * dim * 4,
  });
  for (const [what, other] of Object.entries({ "f32 alone": inF32, "streamed rows": streamed })) {
    requireSame(`${what}: labels`, other.labels, fast.labels);
    requireSame(`${what}: centroids`, other.centroids, fast.centroids);
    requireSame(`${what}: inertia`, inertiaOf(other), inertiaOf(fast));
  }
  const plain = await kmeans(
    withVariants(gpu, {
      ...{ kmeans_assign: "plain", kmeans_screen: "plain", kmeans_prune: "plain", kmeans_sum: "plain" },
      ...{ kmeans_rank: "plain", row_sketch: "plain", kmeans_score: "plain", kmeans_settle: "plain" },
    }),
    rows,
    dim,
    options,
  );
  // Variants may round apart on a GPU, whose compiler fuses where it likes; then a row in the middle may change sides.
  const differing = plain.labels.reduce((sum, label, row) => sum + (label === fast.labels[row] ? 0 : 1), 0);
  const allowed = gpu.adapter.software ? 0 : rowCount / 1000;
  requireThat(differing <= allowed, `plain variants: ${differing} labels differ`);
  requireClose("plain variants: inertia", inertiaOf(plain), inertiaOf(fast), { absolute: 0, relative: 1e-6 });
  return `${fast.iterations.length} rounds, ${differing} labels of plain variants differ, inertia ${fast.iterations.at(-1)?.inertia.toFixed(3)}`;
}

export function wayChecks(gpu: GpuContext, quick: boolean): Check[] {
  const streamed = { maxChunkBytes: 256 * 600 * 4, residentBytes: 0 };
  const screens = variantsOn(gpu, "kmeans_assign")
    .filter(({ missing }) => missing === undefined)
    .map(({ name }) => ({
      name: `nearest centroids screened in f16, the rest by kmeans_assign (${name})`,
      run: (device: GpuContext) => checkNearest(device, { quick: true, screenedWith: name }),
    }));
  return [
    { name: "nearest centroids, resident", run: (device) => checkNearest(device, { quick }) },
    {
      name: "nearest centroids, streamed",
      run: (device) => checkNearest(device, { quick, store: streamed }),
    },
    ...screens,
    { name: "nearest centroids by sketches", run: (device) => checkNearest(device, { quick, sketches: {} }) },
    {
      name: "nearest centroids by sketches with little room",
      run: (device) => checkNearest(device, { quick: true, sketches: { rowPairs: 3 } }),
    },
    { name: "thresholded scores", run: (device) => checkThresholded(device, quick) },
    { name: "similar pairs", run: checkPairs },
    { name: "thresholded scores of many clusters", run: checkMany },
    { name: "k-means", run: (device) => checkKmeans(device, quick) },
  ];
}
