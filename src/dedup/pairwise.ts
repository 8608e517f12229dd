// Scores of ranked rows: each row's largest similarity to an earlier row of its group. Rows are cut into blocks under the
// binding limit; a block looks back at itself and at every block before it (upper triangle), and the kernel carries the
// best over from pair to pair, so a group of any size is exact. Small groups share one block and one dispatch.
// "thresholded" scores are those that reach 1 - eps, with the bits of "exact" ones: most pairs are ruled out by a prefix of
// their dimensions, and only the rest is compared. Where a block is full of matches all its pairs are compared after all.
import { UsageError } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import { recordPairwiseMax } from "../kernels/pairwise_max.ts";
import type { ScreenForm } from "../kernels/pairwise_screen.ts";
import { rowCountOf } from "../kernels/row_count.ts";
import { planChunkRows } from "./chunk_plan.ts";
import { PairScreen, type ScreenCounts } from "./pair_screen.ts";
import { RankedBlock } from "./ranked_block.ts";
import { requireThreshold, thresholdOf } from "./threshold.ts";
import { planSplits } from "./tile_plan.ts";

/** Unit rows in ranked order that are read piece by piece. */
export interface RankedRows {
  readonly rowCount: number;
  /** f32, count x dim; a buffer on the device is destroyed after use. */
  read(firstRow: number, count: number): Promise<Float32Array | GPUBuffer> | Float32Array | GPUBuffer;
}

/** Where the rows lie and how much of them the device holds. */
export interface PairwiseLimits {
  /** Ceiling for one block of rows. Default 256 MiB, and never above the device's binding limit. */
  readonly maxBlockBytes?: number;
  /** Device bytes for blocks that are kept between uses. Default 2 GiB; at least two blocks are held. */
  readonly residentBytes?: number;
  /** Candidate pairs that the device holds at once. Default 16 for each row of a block, at most 4,194,304 (48 MiB). */
  readonly maxPairs?: number;
  readonly signal?: AbortSignal;
}

export interface PairwiseOptions extends PairwiseLimits {
  /**
   * "exact": every row's largest similarity. "thresholded": exact from 1 - eps on, 0 and the row itself below, in a
   * fraction of the time. Default "exact".
   */
  readonly scores?: "exact" | "thresholded";
  /** Largest cosine distance of duplicates, from 0 to below 1; "thresholded" needs it. */
  readonly eps?: number;
  /** Receives what the screen of "thresholded" did. */
  readonly onScreened?: (counts: Readonly<ScreenCounts>) => void;
}

export interface PairwiseScores {
  /** f32: largest dot product with an earlier row of the group, floored at 0. */
  readonly scores: Float32Array;
  /** u32: index of that row, earliest on ties; the row's own where it has no such row. */
  readonly maxIndex: Uint32Array;
}

/** All pairs that reach a threshold, sorted by the later row, then by the earlier one. */
export interface SimilarPairs {
  /** u32: index of the later row of each pair. */
  readonly later: Uint32Array;
  /** u32: index of the earlier row. */
  readonly earlier: Uint32Array;
  /** f32: their dot product. */
  readonly scores: Float32Array;
}

/** Workgroups that keep an adapter busy: two cores, or a hundred multiprocessors with some each. */
const workgroups = { software: 16, gpu: 2048 };

/**
 * @param starts index of the first row of each row's group, ascending; one group when left out.
 * @throws UsageError where scores are "thresholded" and eps is not from 0 to below 1.
 */
export async function pairwiseMax(
  gpu: GpuContext,
  rows: Float32Array | RankedRows,
  dim: number,
  options: PairwiseOptions & { readonly starts?: Uint32Array } = {},
): Promise<PairwiseScores> {
  const source = rows instanceof Float32Array ? rankedArray(rows, dim) : rows;
  const { rowCount } = source;
  const starts = options.starts ?? new Uint32Array(rowCount);
  const threshold = options.scores === "thresholded" ? thresholdOfOptions(options.eps) : null;
  const scores = new Float32Array(rowCount);
  const maxIndex = Uint32Array.from({ length: rowCount }, (_, row) => row);
  const screen = threshold === null ? null : new PairScreen(gpu, rowCount, dim, threshold, options);
  const blocks = new BlockCache(gpu, source, dim, starts, options, screen?.form);
  try {
    for (const { later, before } of blocks.pairs()) {
      options.signal?.throwIfAborted();
      const [block, earlier] = [await blocks.at(later, later), await blocks.at(before, later)];
      if (screen === null || !(await screen.raise(block, earlier))) {
        const inputs = { ...block.asLater, ...earlier.asEarlier, dim };
        gpu.submit("pairwise", (recorder) => recordPairwiseMax(recorder, inputs));
        // Uploads wait in memory until the device takes them.
        if (later > 0) await gpu.settle();
      }
      if (before < later) continue;
      const best = await block.read();
      for (let row = 0; row < block.rowCount; row++) {
        if (threshold !== null && best.scores[row]! < threshold) continue;
        scores[later + row] = best.scores[row]!;
        maxIndex[later + row] = best.indices[row]!;
      }
    }
    if (screen !== null) options.onScreened?.(screen.counts);
  } finally {
    screen?.destroy();
    blocks.destroy();
  }
  return { scores, maxIndex };
}

/**
 * Every pair of rows of one group whose similarity is at least `threshold`: the graph of duplicates.
 *
 * @param rows f32, rowCount x dim unit rows, or where to read them.
 * @param options threshold, above 0 and at most 1; starts: see pairwiseMax.
 * @throws UsageError for another threshold.
 */
export async function pairwisePairs(
  gpu: GpuContext,
  rows: Float32Array | RankedRows,
  dim: number,
  options: PairwiseLimits & { readonly threshold: number; readonly starts?: Uint32Array },
): Promise<SimilarPairs> {
  const source = rows instanceof Float32Array ? rankedArray(rows, dim) : rows;
  const starts = options.starts ?? new Uint32Array(source.rowCount);
  const screen = new PairScreen(gpu, source.rowCount, dim, requireThreshold(options.threshold), options);
  const blocks = new BlockCache(gpu, source, dim, starts, options, screen.form);
  const found: [later: number, earlier: number, score: number][] = [];
  try {
    for (const { later, before } of blocks.pairs()) {
      const [block, earlier] = [await blocks.at(later, later), await blocks.at(before, later)];
      for await (const { ranks, scores } of screen.pairs(block, earlier)) {
        scores.forEach((score, at) => {
          if (score > 0) found.push([ranks[at * 2]!, ranks[at * 2 + 1]!, score]);
        });
      }
    }
  } finally {
    screen.destroy();
    blocks.destroy();
  }
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return {
    later: Uint32Array.from(found, ([later]) => later),
    earlier: Uint32Array.from(found, ([, earlier]) => earlier),
    scores: Float32Array.from(found, ([, , score]) => score),
  };
}

/** Blocks of ranked rows on the device, the least recently made given up first. */
class BlockCache {
  readonly #gpu: GpuContext;
  readonly #source: RankedRows;
  readonly #dim: number;
  readonly #starts: Uint32Array;
  readonly #screened: ScreenForm | undefined;
  readonly #blockRows: number;
  readonly #kept: number;
  readonly #blocks = new Map<number, RankedBlock>();

  constructor(
    gpu: GpuContext,
    source: RankedRows,
    dim: number,
    starts: Uint32Array,
    { maxBlockBytes, residentBytes = 2 * 2 ** 30 }: PairwiseLimits,
    screened: ScreenForm | undefined,
  ) {
    this.#gpu = gpu;
    this.#source = source;
    this.#dim = dim;
    this.#starts = starts;
    this.#screened = screened;
    const limits = { maxBindingBytes: gpu.maxBindingBytes, maxChunkBytes: maxBlockBytes };
    this.#blockRows = planChunkRows(dim, limits);
    const blockBytes =
      Math.min(this.#blockRows, Math.max(source.rowCount, 1)) * dim * (screened === undefined ? 4 : 8);
    this.#kept = Math.max(2, Math.floor(residentBytes / blockBytes));
  }

  /** First rows of the blocks that meet: each with those before it that its groups reach, then with itself. */
  *pairs(): Generator<{ readonly later: number; readonly before: number }> {
    for (let later = 0; later < this.#source.rowCount; later += this.#blockRows) {
      const lowest = this.#starts[later]!;
      const first = Math.min(later, Math.floor(lowest / this.#blockRows) * this.#blockRows);
      for (let before = first; before <= later; before += this.#blockRows) yield { later, before };
    }
  }

  /** The block of the rows from `first`, read where it is not there; `pinned` is one that stays. */
  async at(first: number, pinned: number): Promise<RankedBlock> {
    const held = this.#blocks.get(first);
    if (held !== undefined) return held;
    if (this.#blocks.size >= this.#kept) {
      const oldest = [...this.#blocks.keys()].find((key) => key !== pinned)!;
      this.#blocks.get(oldest)!.destroy();
      this.#blocks.delete(oldest);
    }
    const rowCount = Math.min(this.#blockRows, this.#source.rowCount - first);
    const ranks = Uint32Array.from({ length: rowCount }, (_, row) => first + row);
    const starts = this.#starts.subarray(first, first + rowCount);
    const wanted = this.#gpu.adapter.software ? workgroups.software : workgroups.gpu;
    const options = this.#screened
      ? { screened: this.#screened }
      : { splits: planSplits({ firstRank: first, rowCount }, starts, wanted) };
    const rows = await this.#source.read(first, rowCount);
    const block = new RankedBlock(this.#gpu, rows, this.#dim, ranks, starts, options);
    this.#blocks.set(first, block);
    return block;
  }

  destroy(): void {
    for (const block of this.#blocks.values()) block.destroy();
  }
}

function thresholdOfOptions(eps: number | undefined): number {
  if (eps !== undefined && eps >= 0 && eps < 1) return thresholdOf(eps);
  throw new UsageError(
    `Cannot give thresholded scores as eps must be from 0 to below 1: ${eps}. Give eps, or take scores: "exact"`,
  );
}

/** Rows that share a submission with others. */
const batchRows = 32_768;

/** Scores of many clusters; small ones are worked together. Indices count inside each cluster. */
export async function pairwiseMany(
  gpu: GpuContext,
  clusters: readonly Float32Array[],
  dim: number,
  options: PairwiseOptions = {},
): Promise<PairwiseScores[]> {
  const results: PairwiseScores[] = [];
  const limits = { maxBindingBytes: gpu.maxBindingBytes, maxChunkBytes: options.maxBlockBytes };
  const most = Math.min(batchRows, planChunkRows(dim, limits));
  for (let next = 0; next < clusters.length; ) {
    const batch: Float32Array[] = [];
    let rowCount = 0;
    while (next < clusters.length) {
      const count = rowCountOf(clusters[next]!, dim);
      if (batch.length > 0 && rowCount + count > most) break;
      batch.push(clusters[next++]!);
      rowCount += count;
    }
    const rows = batch.length === 1 ? batch[0]! : new Float32Array(rowCount * dim);
    const starts = new Uint32Array(rowCount);
    const firsts: number[] = [];
    let first = 0;
    for (const cluster of batch) {
      if (batch.length > 1) rows.set(cluster, first * dim);
      starts.fill(first, first, first + cluster.length / dim);
      firsts.push(first);
      first += cluster.length / dim;
    }
    const { scores, maxIndex } = await pairwiseMax(gpu, rows, dim, { ...options, starts });
    batch.forEach((cluster, i) => {
      const from = firsts[i]!;
      const to = from + cluster.length / dim;
      results.push({
        scores: scores.slice(from, to),
        maxIndex: maxIndex.slice(from, to).map((index) => index - from),
      });
    });
  }
  return results;
}

function rankedArray(rows: Float32Array, dim: number): RankedRows {
  return {
    rowCount: rowCountOf(rows, dim),
    read: (firstRow, count) => rows.subarray(firstRow * dim, (firstRow + count) * dim),
  };
}
