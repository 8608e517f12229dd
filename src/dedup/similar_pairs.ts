// The graph of duplicates: every pair of rows of one group whose similarity reaches a threshold, exact. Pairs come from the
// device tile by tile in any order and are sorted here by two counting sorts, which are stable.
import type { GpuContext } from "../gpu/context.ts";
import { BlockCache, type PairwiseLimits, type RankedRows, rankedRows } from "./block_cache.ts";
import { type PairBatch, PairScreen } from "./pair_screen.ts";
import { countUp } from "./ranked_block.ts";
import { requireThreshold } from "./threshold.ts";

/** All pairs that reach a threshold, sorted by the later row, then by the earlier one. */
export interface SimilarPairs {
  /** u32: index of the later row of each pair. */
  readonly later: Uint32Array;
  /** u32: index of the earlier row. */
  readonly earlier: Uint32Array;
  /** f32: their dot product. */
  readonly scores: Float32Array;
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
  const source = rankedRows(rows, dim);
  const { rowCount } = source;
  const starts = options.starts ?? new Uint32Array(rowCount);
  const screen = new PairScreen(gpu, rowCount, dim, requireThreshold(options.threshold), options);
  const blocks = new BlockCache(gpu, source, dim, starts, options, screen.form);
  const batches: PairBatch[] = [];
  try {
    for (const { later, before } of blocks.pairs()) {
      const [block, earlier] = [await blocks.at(later, later), await blocks.at(before, later)];
      for await (const batch of screen.pairs(block, earlier)) batches.push(matchesOf(batch));
    }
  } finally {
    screen.destroy();
    blocks.destroy();
  }
  return sorted(batches, rowCount);
}

/** The pairs of a batch that reach the threshold. */
function matchesOf({ ranks, scores }: PairBatch): PairBatch {
  const matched = scores.filter((score) => score > 0);
  const pairs = new Uint32Array(matched.length * 2);
  let at = 0;
  scores.forEach((score, pair) => {
    if (score <= 0) return;
    pairs[at++] = ranks[pair * 2]!;
    pairs[at++] = ranks[pair * 2 + 1]!;
  });
  return { ranks: pairs, scores: matched };
}

function sorted(batches: readonly PairBatch[], rowCount: number): SimilarPairs {
  const count = batches.reduce((sum, { scores }) => sum + scores.length, 0);
  const [later, earlier, scores] = [new Uint32Array(count), new Uint32Array(count), new Float32Array(count)];
  let first = 0;
  for (const batch of batches) {
    for (let pair = 0; pair < batch.scores.length; pair++) {
      later[first + pair] = batch.ranks[pair * 2]!;
      earlier[first + pair] = batch.ranks[pair * 2 + 1]!;
    }
    scores.set(batch.scores, first);
    first += batch.scores.length;
  }
  const order = orderBy(later, orderBy(earlier, countUp(0, count), rowCount), rowCount);
  return {
    later: order.map((pair) => later[pair]!),
    earlier: order.map((pair) => earlier[pair]!),
    scores: Float32Array.from(order, (pair) => scores[pair]!),
  };
}

/** The order sorted by a key below `keyCount`; what has equal keys stays as it was. */
function orderBy(keys: Uint32Array, order: Uint32Array, keyCount: number): Uint32Array {
  const next = new Uint32Array(keyCount + 1);
  for (const key of keys) next[key + 1]!++;
  for (let key = 0; key < keyCount; key++) next[key + 1]! += next[key]!;
  const result = new Uint32Array(order.length);
  for (const item of order) result[next[keys[item]!]!++] = item;
  return result;
}
