// Ranked rows of any number as blocks on the device: which blocks meet (upper triangle, only where a group reaches from one
// into the other), and which of them are held.
import type { GpuContext } from "../gpu/context.ts";
import type { ScreenForm } from "../kernels/pairwise_screen.ts";
import { rowCountOf } from "../kernels/row_count.ts";
import { planChunkRows } from "./chunk_plan.ts";
import { countUp, RankedBlock } from "./ranked_block.ts";
import { planSplits } from "./tile_plan.ts";

/** Unit rows in ranked order that are read piece by piece. */
export interface RankedRows {
  readonly rowCount: number;
  /** f32, count x dim; a buffer on the device is destroyed after use. */
  read(firstRow: number, count: number): Promise<Float32Array | GPUBuffer> | Float32Array | GPUBuffer;
}

/** Where the rows lie and how much of them the device holds. */
export interface PairwiseLimits {
  /** Ceiling for one block of rows. Default 512 MiB, and never above the device's binding limit. */
  readonly maxBlockBytes?: number;
  /** Device bytes for blocks that are kept between uses. Default 2 GiB; at least two blocks are held. */
  readonly residentBytes?: number;
  /** Candidate pairs that the device holds at once. Default 16 for each row of a block, at most 4,194,304 (48 MiB). */
  readonly maxPairs?: number;
  readonly signal?: AbortSignal;
}

/** Workgroups that keep an adapter busy: two cores, or a hundred multiprocessors with some each. */
const workgroups = { software: 16, gpu: 2048 };

/** Blocks of ranked rows on the device, the least recently made given up first. */
export class BlockCache {
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
    const ranks = countUp(first, rowCount);
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

/** Rows of an array as ranked rows; anything else as it is. */
export function rankedRows(rows: Float32Array | RankedRows, dim: number): RankedRows {
  if (!(rows instanceof Float32Array)) return rows;
  return {
    rowCount: rowCountOf(rows, dim),
    read: (firstRow, count) => rows.subarray(firstRow * dim, (firstRow + count) * dim),
  };
}
