// Which duplicates go and who stands for them, so that no keeper is itself removed. Rows are decided in ranked order: a
// row goes if and only if an earlier row that stays is similar enough; its keeper is the most similar such row.
// Most rows need no new comparison: with no earlier match a row stays, and if its best earlier match stays, that is its
// keeper. Only rows whose best match may go are compared again, in blocks of 1024: once against the rows that stay so
// far, once among themselves (bits, for the host's walk), once against those of the block that stay. However long a
// chain of matches is, that is one more look at every pair at most.
import type { GpuContext } from "../gpu/context.ts";
import { divideUp } from "../gpu/grid.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { matchBlockRows, recordPairwiseMatch } from "../kernels/pairwise_match.ts";
import { recordPairwiseMax } from "../kernels/pairwise_max.ts";
import { planChunkRows } from "./chunk_plan.ts";
import { RankedBlock } from "./ranked_block.ts";
import { thresholdOf } from "./threshold.ts";

export interface Decision {
  /** Rank of the row that goes. */
  readonly row: number;
  /** Rank of the row that stands for it. */
  readonly keeper: number;
  readonly similarity: number;
}

export interface RankedScores {
  readonly scores: Float32Array;
  readonly maxIndex: Uint32Array;
}

/**
 * Rows of one cluster that go.
 *
 * @param rows reads the cluster's unit rows (f32, rowCount x dim, ranked); called only where a comparison is needed.
 */
export async function chooseKeepers(
  gpu: GpuContext,
  { scores, maxIndex }: RankedScores,
  rows: () => Promise<Float32Array> | Float32Array,
  dim: number,
  eps: number,
  options: { readonly maxBlockBytes?: number | undefined } = {},
): Promise<Decision[]> {
  const matches = (row: number): boolean => maxIndex[row]! < row && scores[row]! >= 1 - eps;
  const decisions: Decision[] = [];
  const kept: number[] = [];
  const open: number[] = [];
  scores.forEach((similarity, row) => {
    const keeper = maxIndex[row]!;
    if (!matches(row)) kept.push(row);
    else if (matches(keeper)) open.push(row);
    else decisions.push({ row, keeper, similarity });
  });
  if (open.length === 0) return decisions;
  const walk = new KeeperWalk(gpu, await rows(), dim, thresholdOf(eps), options.maxBlockBytes);
  for (let first = 0; first < open.length; first += matchBlockRows) {
    const block = open.slice(first, first + matchBlockRows);
    const { stayed, gone } = await walk.decide(block, kept);
    decisions.push(...gone);
    kept.push(...stayed);
    kept.sort((a, b) => a - b);
  }
  return decisions.sort((a, b) => a.row - b.row);
}

class KeeperWalk {
  readonly #gpu: GpuContext;
  readonly #rows: Float32Array;
  readonly #dim: number;
  readonly #threshold: number;
  readonly #earlierRows: number;

  constructor(
    gpu: GpuContext,
    rows: Float32Array,
    dim: number,
    threshold: number,
    maxChunkBytes: number | undefined,
  ) {
    this.#gpu = gpu;
    this.#rows = rows;
    this.#dim = dim;
    this.#threshold = threshold;
    this.#earlierRows = planChunkRows(dim, { maxBindingBytes: gpu.maxBindingBytes, maxChunkBytes });
  }

  async decide(
    block: readonly number[],
    kept: readonly number[],
  ): Promise<{ stayed: number[]; gone: Decision[] }> {
    const words = divideUp(block.length, 32);
    return await BufferScope.run(this.#gpu, async (scope) => {
      const later = this.#load(block);
      try {
        const matches = scope.buffer("keepers.matches", block.length * words * 4);
        this.#gpu.submit("keepers.match", (recorder) =>
          recordPairwiseMatch(recorder, {
            panels: later.panels,
            ranks: later.ranks,
            starts: later.starts,
            rowCount: block.length,
            dim: this.#dim,
            threshold: this.#threshold,
            matches,
          }),
        );
        await this.#compare(
          later,
          kept.filter((row) => row < block.at(-1)!),
        );
        const { scores } = await later.read();
        const bits = await this.#gpu.readUints(matches, block.length * words);
        const staying = new Uint32Array(words);
        const stayed: number[] = [];
        block.forEach((row, j) => {
          const matched = staying.some((word, w) => (word & bits[j * words + w]!) !== 0);
          if (matched || scores[j]! >= this.#threshold) return;
          staying[j >> 5]! |= 1 << (j & 31);
          stayed.push(row);
        });
        await this.#compare(later, stayed);
        const best = await later.read();
        const kind = new Set(stayed);
        const gone = block.flatMap((row, j) =>
          kind.has(row) ? [] : [{ row, keeper: best.indices[j]!, similarity: best.scores[j]! }],
        );
        return { stayed, gone };
      } finally {
        later.destroy();
      }
    });
  }

  /** Lets the block look back at the given rows too. */
  async #compare(later: RankedBlock, earlier: readonly number[]): Promise<void> {
    for (let first = 0; first < earlier.length; first += this.#earlierRows) {
      const piece = this.#load(earlier.slice(first, first + this.#earlierRows));
      this.#gpu.submit("keepers.compare", (recorder) =>
        recordPairwiseMax(recorder, { ...later.asLater, ...piece.asEarlier, dim: this.#dim }),
      );
      await this.#gpu.settle();
      piece.destroy();
    }
  }

  #load(ranks: readonly number[]): RankedBlock {
    const dim = this.#dim;
    const rows = new Float32Array(ranks.length * dim);
    ranks.forEach((rank, i) => {
      rows.set(this.#rows.subarray(rank * dim, (rank + 1) * dim), i * dim);
    });
    return new RankedBlock(this.#gpu, rows, dim, Uint32Array.from(ranks), new Uint32Array(ranks.length));
  }
}
