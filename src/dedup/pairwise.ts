// Scores of ranked rows: each row's largest similarity to an earlier row of its group. Rows are cut into blocks under the
// binding limit; a block looks back at itself and at every block before it (upper triangle), and the kernel carries the
// best over from pair to pair, so a group of any size is exact. Small groups share one block and one dispatch.
// "thresholded" scores are those that reach 1 - eps, with the bits of "exact" ones: most pairs are ruled out by a prefix of
// their dimensions, and only the rest is compared. Where a block is full of matches all its pairs are compared after all.
import { UsageError } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import { recordPairwiseMax } from "../kernels/pairwise_max.ts";
import { rowCountOf } from "../kernels/row_count.ts";
import { BlockCache, type PairwiseLimits, type RankedRows, rankedRows } from "./block_cache.ts";
import { planChunkRows } from "./chunk_plan.ts";
import { PairScreen, type ScreenCounts } from "./pair_screen.ts";
import { thresholdOf } from "./threshold.ts";

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
  const source = rankedRows(rows, dim);
  const { rowCount } = source;
  const starts = options.starts ?? new Uint32Array(rowCount);
  const threshold = options.scores === "thresholded" ? thresholdOfOptions(options.eps) : null;
  const scores = new Float32Array(rowCount);
  const maxIndex = new Uint32Array(rowCount);
  const screen = threshold === null ? null : new PairScreen(gpu, rowCount, dim, threshold, options);
  const blocks = new BlockCache(gpu, source, dim, starts, options, screen?.form);
  // Whether the later block has scores that do not reach the threshold.
  let hasLower = false;
  try {
    for (const { later, before } of blocks.pairs()) {
      options.signal?.throwIfAborted();
      const [block, earlier] = [await blocks.at(later, later), await blocks.at(before, later)];
      if (screen === null || !(await screen.raise(block, earlier))) {
        hasLower = threshold !== null;
        const inputs = { ...block.asLater, ...earlier.asEarlier, dim };
        gpu.submit("pairwise", (recorder) => recordPairwiseMax(recorder, inputs));
        // Uploads wait in memory until the device takes them.
        if (later > 0) await gpu.settle();
      }
      if (before < later) continue;
      const best = await block.read();
      if (hasLower) drop(best, later, threshold!);
      hasLower = false;
      scores.set(best.scores, later);
      maxIndex.set(best.indices, later);
    }
    if (screen !== null) options.onScreened?.(screen.counts);
  } finally {
    screen?.destroy();
    blocks.destroy();
  }
  return { scores, maxIndex };
}

/** Leaves 0 and the row itself where the score does not reach the threshold. */
function drop(
  { scores, indices }: { scores: Float32Array; indices: Uint32Array },
  first: number,
  threshold: number,
): void {
  for (let row = 0; row < scores.length; row++) {
    if (scores[row]! >= threshold) continue;
    scores[row] = 0;
    indices[row] = first + row;
  }
}

function thresholdOfOptions(eps: number | undefined): number {
  if (eps !== undefined && eps >= 0 && eps < 1) return thresholdOf(eps);
  throw new UsageError(
    `Cannot give thresholded scores as eps must be from 0 to below 1: ${eps}. Give eps, or take scores: "exact"`,
  );
}

/** Rows that share submissions with others: a GPU has room for many, a software adapter should not hold a copy of many. */
const batchRows = { software: 32_768, gpu: 131_072 };

/** Scores of many clusters; small ones are worked together. Indices count inside each cluster. */
export async function pairwiseMany(
  gpu: GpuContext,
  clusters: readonly Float32Array[],
  dim: number,
  options: PairwiseOptions = {},
): Promise<PairwiseScores[]> {
  const results: PairwiseScores[] = [];
  const limits = { maxBindingBytes: gpu.maxBindingBytes, maxChunkBytes: options.maxBlockBytes };
  const most = Math.min(batchRows[gpu.adapter.software ? "software" : "gpu"], planChunkRows(dim, limits));
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
