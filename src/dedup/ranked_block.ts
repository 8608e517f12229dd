// A block of ranked rows on the device, as pairwise_max and the screen want it: panels, ranks, group starts, rest norms, and
// the best score so far.
import { invariant } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { bestOfSplits, type PairwiseMaxInputs, repeated } from "../kernels/pairwise_max.ts";
import type { ScreenRows } from "../kernels/pairwise_screen.ts";
import { panelByteLength, recordPanelPack } from "../kernels/panel_pack.ts";
import { recordRowRestNorms, restNormsByteLength } from "../kernels/row_rest_norms.ts";

type LaterInputs = Pick<
  PairwiseMaxInputs,
  "laterPanels" | "laterRanks" | "laterStarts" | "laterCount" | "splits" | "scores" | "indices"
>;
type EarlierInputs = Pick<PairwiseMaxInputs, "earlierPanels" | "earlierRanks" | "earlierCount">;

export interface RankedBlockOptions {
  /** Whether the rows are screened, for which their ranks are consecutive. Default false. */
  readonly screened?: boolean;
  /** Workgroups that share the earlier rows of a panel (PairwiseMaxInputs). Default 1. */
  readonly splits?: number;
}

export class RankedBlock {
  readonly rowCount: number;
  /** Rank of the first row that any row of the block looks back to. */
  readonly lowestStart: number;
  readonly firstRank: number;
  /** Rank of the first row of each row's group. */
  readonly groupStarts: Uint32Array;
  readonly panels: GPUBuffer;
  readonly ranks: GPUBuffer;
  readonly starts: GPUBuffer;
  readonly #gpu: GpuContext;
  readonly #scope: BufferScope;
  readonly #scores: GPUBuffer;
  readonly #indices: GPUBuffer;
  readonly #splits: number;
  readonly #norms: GPUBuffer | null;
  readonly #rows: GPUBuffer | null;

  /**
   * @param rows f32, ranks.length x dim unit rows.
   * @param ranks ascending.
   * @param starts rank of the first row of each row's group, ascending.
   */
  constructor(
    gpu: GpuContext,
    rows: Float32Array,
    dim: number,
    ranks: Uint32Array,
    starts: Uint32Array,
    { screened = false, splits = 1 }: RankedBlockOptions = {},
  ) {
    this.#gpu = gpu;
    this.#scope = new BufferScope(gpu);
    this.rowCount = ranks.length;
    this.lowestStart = starts[0] ?? 0;
    this.firstRank = ranks[0] ?? 0;
    this.groupStarts = starts;
    this.#splits = splits;
    this.panels = this.#scope.buffer("ranked_block.panels", panelByteLength(ranks.length, dim));
    this.ranks = this.#scope.upload("ranked_block.ranks", ranks);
    this.starts = this.#scope.upload("ranked_block.starts", starts);
    this.#scores = this.#scope.buffer("ranked_block.scores", ranks.length * splits * 4);
    this.#indices = this.#scope.upload("ranked_block.indices", repeated(ranks, splits));
    this.#norms = screened
      ? this.#scope.buffer("ranked_block.norms", restNormsByteLength(ranks.length, dim))
      : null;
    const source = this.#scope.upload("ranked_block.rows", rows);
    const { panels, rowCount } = this;
    gpu.submit("ranked_block", (recorder) => {
      recordPanelPack(recorder, { rows: source, panels, rowCount, dim });
      if (this.#norms !== null)
        recordRowRestNorms(recorder, { rows: source, rowCount, dim, norms: this.#norms });
    });
    // Submitted work keeps what it needs: rows that nothing else reads are gone once the panels are made.
    if (!screened) this.#scope.release(source);
    this.#rows = screened ? source : null;
  }

  get asLater(): LaterInputs {
    return {
      laterPanels: this.panels,
      laterRanks: this.ranks,
      laterStarts: this.starts,
      laterCount: this.rowCount,
      splits: this.#splits,
      scores: this.#scores,
      indices: this.#indices,
    };
  }

  get asEarlier(): EarlierInputs {
    return { earlierPanels: this.panels, earlierRanks: this.ranks, earlierCount: this.rowCount };
  }

  /** f32, the rows as they lie, of a block that is screened. */
  get rows(): GPUBuffer {
    invariant(this.#rows !== null, "a block that is not screened keeps no rows");
    return this.#rows;
  }

  get asScreened(): ScreenRows {
    const { panels, rowCount, firstRank } = this;
    invariant(this.#norms !== null, "a block that is not screened has no rest norms");
    return { panels, norms: this.#norms, rowCount, firstRank };
  }

  /** Best score (f32) and rank of its row (u32) of each row so far. */
  async read(): Promise<{ readonly scores: Float32Array; readonly indices: Uint32Array }> {
    const count = this.rowCount * this.#splits;
    const scores = await this.#gpu.readFloats(this.#scores, count);
    return bestOfSplits(scores, await this.#gpu.readUints(this.#indices, count), this.rowCount);
  }

  destroy(): void {
    this.#scope.destroy();
  }
}
