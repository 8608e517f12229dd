// Scores of ranked rows: each row's largest similarity to an earlier row of its group. Rows are cut into blocks under the
// binding limit; a block looks back at itself and at every block before it (upper triangle), and the kernel carries the
// best over from pair to pair, so a group of any size is exact. Small groups share one block and one dispatch.
import type { GpuContext } from "../gpu/context.ts";
import { recordPairwiseMax } from "../kernels/pairwise_max.ts";
import { rowCountOf } from "../kernels/row_count.ts";
import { planChunkRows } from "./chunk_plan.ts";
import { RankedBlock } from "./ranked_block.ts";

/** Unit rows in ranked order that are read piece by piece. */
export interface RankedRows {
  readonly rowCount: number;
  /** f32, count x dim. */
  read(firstRow: number, count: number): Promise<Float32Array> | Float32Array;
}

export interface PairwiseOptions {
  /** Ceiling for one block of rows. Default 256 MiB, and never above the device's binding limit. */
  readonly maxBlockBytes?: number;
  /** Device bytes for blocks that are kept between uses. Default 2 GiB; at least two blocks are held. */
  readonly residentBytes?: number;
  readonly signal?: AbortSignal;
}

export interface PairwiseScores {
  /** f32: largest dot product with an earlier row of the group, floored at 0. */
  readonly scores: Float32Array;
  /** u32: index of that row, earliest on ties; the row's own where it has no such row. */
  readonly maxIndex: Uint32Array;
}

/** @param starts index of the first row of each row's group, ascending; one group when left out. */
export async function pairwiseMax(
  gpu: GpuContext,
  rows: Float32Array | RankedRows,
  dim: number,
  options: PairwiseOptions & { readonly starts?: Uint32Array } = {},
): Promise<PairwiseScores> {
  const source = rows instanceof Float32Array ? rankedArray(rows, dim) : rows;
  const { rowCount } = source;
  const starts = options.starts ?? new Uint32Array(rowCount);
  const limits = { maxBindingBytes: gpu.maxBindingBytes, maxChunkBytes: options.maxBlockBytes };
  const blockRows = planChunkRows(dim, limits);
  const blockBytes = Math.min(blockRows, Math.max(rowCount, 1)) * dim * 4;
  const kept = Math.max(2, Math.floor((options.residentBytes ?? 2 * 2 ** 30) / blockBytes));
  const scores = new Float32Array(rowCount);
  const maxIndex = new Uint32Array(rowCount);
  const blocks = new Map<number, RankedBlock>();
  const blockAt = async (first: number, pinned: number): Promise<RankedBlock> => {
    let block = blocks.get(first);
    if (block !== undefined) return block;
    if (blocks.size >= kept) {
      const oldest = [...blocks.keys()].find((key) => key !== pinned)!;
      blocks.get(oldest)!.destroy();
      blocks.delete(oldest);
    }
    const count = Math.min(blockRows, rowCount - first);
    const ranks = Uint32Array.from({ length: count }, (_, row) => first + row);
    const values = await source.read(first, count);
    block = new RankedBlock(gpu, values, dim, ranks, starts.subarray(first, first + count));
    blocks.set(first, block);
    return block;
  };
  try {
    for (let first = 0; first < rowCount; first += blockRows) {
      const later = await blockAt(first, first);
      for (let before = 0; before <= first; before += blockRows) {
        if (before + blockRows <= later.lowestStart) continue;
        options.signal?.throwIfAborted();
        const earlier = await blockAt(before, first);
        gpu.submit("pairwise", (recorder) =>
          recordPairwiseMax(recorder, { ...later.asLater, ...earlier.asEarlier, dim }),
        );
        // Uploads wait in memory until the device takes them.
        if (first > 0) await gpu.settle();
      }
      const best = await later.read();
      scores.set(best.scores, first);
      maxIndex.set(best.indices, first);
    }
  } finally {
    for (const block of blocks.values()) block.destroy();
  }
  return { scores, maxIndex };
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
