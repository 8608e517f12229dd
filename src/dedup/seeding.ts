// First centroids. k-means|| (Bahmani et al., "Scalable K-Means++", 2012) as cuVS runs it, but with the five rounds that the
// paper finds enough: from one random row, rounds pick about oversampling x k rows each with probability proportional to
// their squared distance; the picks, weighted by the rows nearest to them, are then clustered themselves. That last step is
// k-means++ in batches: each batch is drawn by distance and weight and is a quarter of what is there, so k picks take a
// logarithmic number of passes.
// The rounds cost 10 of Lloyd's at the reference's oversampling, so large collections are seeded from a sample of their
// rows, as FAISS trains on one; every row counts in Lloyd's iterations, which decide the result.
import { invariant } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { readPicks, recordKmeansSeed } from "../kernels/kmeans_seed.ts";
import { CentroidSet } from "./centroid_set.ts";
import { gatherRows } from "./gather.ts";
import { lloyd } from "./lloyd.ts";
import { counterRandom, sampleDistinct } from "./random.ts";
import { RowState } from "./row_state.ts";
import type { RowStore } from "./row_store.ts";

export interface SeedingOptions {
  readonly clusterCount: number;
  readonly randomState: number;
  readonly oversamplingFactor: number;
  readonly maxIter: number;
  readonly tol: number;
  readonly spherical: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Streams of random numbers, so that no two uses share one. Rounds of k-means|| take 0..4 in the kernel. */
const streams = { firstRow: 101, topUp: 102, randomInit: 103, sample: 104, candidates: 1000 };

/** Rounds of k-means||; more make a better beginning and no better clustering. */
const mostRounds = 5;

/** Rows that seeds are drawn from: so many for each cluster, and at least `leastSample`. */
const sampleRowsPerCluster = 64;
const leastSample = 2 ** 14;

/** `clusterCount` distinct rows at random. */
export async function seedRandom(
  gpu: GpuContext,
  store: RowStore,
  options: SeedingOptions,
): Promise<CentroidSet> {
  const { clusterCount, randomState } = options;
  return await centroidsOf(
    gpu,
    store,
    sampleDistinct(clusterCount, store.rowCount, randomState, streams.randomInit),
  );
}

/** k-means||; clusterCount is at most the number of rows, of which there is at least one. */
export async function seedKmeansParallel(
  gpu: GpuContext,
  store: RowStore,
  options: SeedingOptions,
): Promise<CentroidSet> {
  return await withSample(gpu, store, options, async (sample) => {
    const { clusterCount, randomState } = options;
    const { candidates, weights } = await sampleCandidates(gpu, sample, options);
    if (candidates.length <= clusterCount) {
      const missing = clusterCount - candidates.length;
      const topUp = sampleDistinct(missing, sample.rowCount, randomState, streams.topUp, new Set(candidates));
      return await centroidsOf(gpu, sample, [...candidates, ...topUp]);
    }
    const pool = await gatherRows(gpu, sample, candidates);
    try {
      return await clusterCandidates(gpu, pool, weights, options);
    } finally {
      pool.destroy();
    }
  });
}

/** k-means++ in batches over the rows themselves; clusterCount as for seedKmeansParallel. */
export async function seedKmeansPlusPlus(
  gpu: GpuContext,
  store: RowStore,
  options: SeedingOptions,
): Promise<CentroidSet> {
  return await withSample(gpu, store, options, async (sample) => {
    const weights = new Uint32Array(sample.rowCount).fill(1);
    return await centroidsOf(gpu, sample, await pickCenters(gpu, sample, weights, options, 0));
  });
}

/** Works on a sample of the rows where there are more than seeding needs. */
async function withSample<T>(
  gpu: GpuContext,
  store: RowStore,
  { clusterCount, randomState }: SeedingOptions,
  work: (sample: RowStore) => Promise<T>,
): Promise<T> {
  const sampleSize = Math.max(leastSample, sampleRowsPerCluster * clusterCount);
  if (store.rowCount <= sampleSize) return await work(store);
  const rows = sampleDistinct(sampleSize, store.rowCount, randomState, streams.sample);
  const sample = await gatherRows(
    gpu,
    store,
    rows.sort((a, b) => a - b),
  );
  try {
    return await work(sample);
  } finally {
    sample.destroy();
  }
}

/** Multiplications of one pass over the candidates up to which several tries cost little. */
const smallPass = 2 ** 28;

/** Clusters the weighted candidates: the best of a few tries where the pool is small, since one try may merge clusters. */
async function clusterCandidates(
  gpu: GpuContext,
  pool: RowStore,
  weights: Uint32Array,
  options: SeedingOptions,
): Promise<CentroidSet> {
  const { clusterCount, maxIter, tol, spherical, signal } = options;
  const small = pool.rowCount * clusterCount * pool.dim <= smallPass;
  const tries = small ? 2 + Math.ceil(Math.log(clusterCount)) : 1;
  let best: { readonly centroids: CentroidSet; readonly inertia: number } | undefined;
  for (let attempt = 0; attempt < tries; attempt++) {
    const picks = await pickCenters(gpu, pool, weights, options, attempt);
    const centroids = await centroidsOf(gpu, pool, picks);
    const { iterations } = await lloyd(gpu, pool, centroids, {
      weights,
      maxIter,
      tol,
      spherical,
      signal,
    });
    const inertia = iterations.at(-1)?.inertia ?? Number.POSITIVE_INFINITY;
    if (best === undefined || inertia < best.inertia) {
      best?.centroids.destroy();
      best = { centroids, inertia };
    } else {
      centroids.destroy();
    }
  }
  invariant(best !== undefined, "the candidates were tried at least once");
  return best.centroids;
}

/** The rounds of k-means||: picked rows and how many rows are nearest to each. */
async function sampleCandidates(
  gpu: GpuContext,
  store: RowStore,
  options: SeedingOptions,
): Promise<{ candidates: number[]; weights: Uint32Array }> {
  const { clusterCount, randomState, oversamplingFactor, signal } = options;
  const first = Math.floor(counterRandom(randomState, streams.firstRow, 0) * store.rowCount);
  const candidates = [first];
  const state = new RowState(gpu, store);
  try {
    return await BufferScope.run(gpu, async (scope) => {
      const pickCount = scope.buffer("seeding.pick_count", 4);
      const picks = scope.buffer("seeding.picks", Math.min(store.chunkRows, store.rowCount) * 4);
      await assignNew(gpu, store, state, [first], 0);
      let cost = await state.cost();
      const rounds = cost > 1 ? Math.min(mostRounds, Math.ceil(Math.log(cost))) : 0;
      for (let round = 0; round < rounds && cost > 0; round++) {
        signal?.throwIfAborted();
        const picked: number[] = [];
        for (const chunk of state.chunks) {
          gpu.submit("seeding.sample", (recorder) => {
            recorder.clear(pickCount);
            recordKmeansSeed(recorder, {
              distances: chunk.distances,
              rowCount: chunk.rowCount,
              firstRow: chunk.firstRow,
              seed: randomState,
              round,
              scale: (oversamplingFactor * clusterCount) / cost,
              pickCount,
              picks,
            });
          });
          for (const row of await readPicks(gpu, pickCount, picks)) picked.push(chunk.firstRow + row);
        }
        if (picked.length === 0) continue;
        await assignNew(gpu, store, state, picked, candidates.length);
        candidates.push(...picked);
        cost = await state.cost();
      }
      return { candidates, weights: await countLabels(gpu, state, candidates.length) };
    });
  } finally {
    state.destroy();
  }
}

/** Updates every row's nearest candidate with new ones, whose labels count up from firstLabel (0: there were none). */
async function assignNew(
  gpu: GpuContext,
  store: RowStore,
  state: RowState,
  rows: readonly number[],
  firstLabel: number,
): Promise<void> {
  const added = await gatherRows(gpu, store, rows);
  try {
    await forEachCentroidChunk(gpu, added, (centroids, firstRow) =>
      store.forEachChunk((chunk) =>
        gpu.submit("seeding.assign", (recorder) =>
          state.recordAssign(recorder, chunk, centroids, {
            resume: firstLabel + firstRow > 0,
            firstLabel: firstLabel + firstRow,
          }),
        ),
      ),
    );
  } finally {
    added.destroy();
  }
}

async function forEachCentroidChunk(
  gpu: GpuContext,
  store: RowStore,
  visit: (centroids: CentroidSet, firstRow: number) => Promise<void>,
): Promise<void> {
  await store.forEachChunk(async (chunk) => {
    const centroids = new CentroidSet(gpu, chunk.rowCount, store.dim);
    try {
      gpu.submit("seeding.centroids", (recorder) => {
        recorder.copy(chunk.rows, centroids.rows, chunk.rowCount * store.dim * 4);
        centroids.recordPrepare(recorder);
      });
      await visit(centroids, chunk.firstRow);
    } finally {
      centroids.destroy();
    }
  });
}

/** Rows of each label. */
async function countLabels(gpu: GpuContext, state: RowState, labelCount: number): Promise<Uint32Array> {
  const counts = new Uint32Array(labelCount);
  for (const { labels, rowCount } of state.chunks) {
    for (const label of await gpu.readUints(labels, rowCount)) counts[label]!++;
  }
  return counts;
}

/** k of the candidates by batched k-means++. The draw without replacement is a race: the smallest -ln(u) / (weight d^2). */
async function pickCenters(
  gpu: GpuContext,
  pool: RowStore,
  weights: Uint32Array,
  { clusterCount, randomState }: SeedingOptions,
  attempt: number,
): Promise<number[]> {
  const stream = streams.candidates * (attempt + 1);
  const state = new RowState(gpu, pool);
  try {
    const draw = (count: number, drawStream: number, masses: ArrayLike<number>): number[] =>
      drawByMass(masses, count, (row) => counterRandom(randomState, drawStream, row));
    const chosen = draw(1, stream, weights);
    let added: readonly number[] = chosen.slice();
    for (let batch = 0; chosen.length < clusterCount; batch++) {
      await assignNew(gpu, pool, state, added, chosen.length - added.length);
      const masses = new Float64Array(pool.rowCount);
      for (const { distances, firstRow, rowCount } of state.chunks) {
        (await gpu.readFloats(distances, rowCount)).forEach((distance, row) => {
          masses[firstRow + row] = distance * weights[firstRow + row]!;
        });
      }
      const size = Math.min(clusterCount - chosen.length, Math.ceil(chosen.length / 4));
      added = draw(size, stream + 1 + batch, masses);
      // Fewer distinct candidates than clusters: any others do, and their clusters stay empty.
      if (added.length === 0)
        added = sampleDistinct(
          clusterCount - chosen.length,
          pool.rowCount,
          randomState,
          streams.topUp,
          new Set(chosen),
        );
      chosen.push(...added);
    }
    return chosen;
  } finally {
    state.destroy();
  }
}

/** Up to `count` positions whose mass is not 0, drawn without replacement: the smallest -ln(u) / mass, smallest first. */
function drawByMass(masses: ArrayLike<number>, count: number, random: (row: number) => number): number[] {
  const times = new Float64Array(masses.length);
  for (let row = 0; row < times.length; row++) times[row] = -Math.log(random(row)) / masses[row]!;
  const last = times.slice().sort()[Math.min(count, times.length) - 1]!;
  const drawn: number[] = [];
  for (let row = 0; row < times.length; row++)
    if (times[row]! <= last && times[row]! < Number.POSITIVE_INFINITY) drawn.push(row);
  return drawn.sort((a, b) => times[a]! - times[b]! || a - b).slice(0, count);
}

/** Copies rows of the store into a new set of centroids. */
async function centroidsOf(gpu: GpuContext, store: RowStore, rows: readonly number[]): Promise<CentroidSet> {
  const centroids = new CentroidSet(gpu, rows.length, store.dim);
  const gathered = await gatherRows(gpu, store, rows);
  const rowBytes = store.dim * 4;
  await gathered.forEachChunk((chunk) =>
    gpu.submit("seeding.centroids", (recorder) =>
      recorder.copy(
        chunk.rows,
        {
          buffer: centroids.rows,
          offset: chunk.firstRow * rowBytes,
          size: chunk.rowCount * rowBytes,
        },
        chunk.rowCount * rowBytes,
      ),
    ),
  );
  gpu.submit("seeding.prepare", (recorder) => centroids.recordPrepare(recorder));
  await gpu.settle();
  gathered.destroy();
  return centroids;
}
