// A block of ranked rows on the device, as pairwise_max wants it: panels, ranks, group starts, and the best score so far.
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import type { PairwiseMaxInputs } from "../kernels/pairwise_max.ts";
import { panelByteLength, recordPanelPack } from "../kernels/panel_pack.ts";

type LaterInputs = Pick<
  PairwiseMaxInputs,
  "laterPanels" | "laterRanks" | "laterStarts" | "laterCount" | "scores" | "indices"
>;
type EarlierInputs = Pick<PairwiseMaxInputs, "earlierPanels" | "earlierRanks" | "earlierCount">;

export class RankedBlock {
  readonly rowCount: number;
  /** Rank of the first row that any row of the block looks back to. */
  readonly lowestStart: number;
  readonly panels: GPUBuffer;
  readonly ranks: GPUBuffer;
  readonly starts: GPUBuffer;
  readonly #gpu: GpuContext;
  readonly #scope: BufferScope;
  readonly #scores: GPUBuffer;
  readonly #indices: GPUBuffer;

  /**
   * @param rows f32, ranks.length x dim unit rows.
   * @param ranks ascending.
   * @param starts rank of the first row of each row's group, ascending.
   */
  constructor(gpu: GpuContext, rows: Float32Array, dim: number, ranks: Uint32Array, starts: Uint32Array) {
    this.#gpu = gpu;
    this.#scope = new BufferScope(gpu);
    this.rowCount = ranks.length;
    this.lowestStart = starts[0] ?? 0;
    this.panels = this.#scope.buffer("ranked_block.panels", panelByteLength(ranks.length, dim));
    this.ranks = this.#scope.upload("ranked_block.ranks", ranks);
    this.starts = this.#scope.upload("ranked_block.starts", starts);
    this.#scores = this.#scope.buffer("ranked_block.scores", ranks.length * 4);
    this.#indices = this.#scope.upload("ranked_block.indices", ranks);
    const source = this.#scope.upload("ranked_block.rows", rows);
    gpu.submit("ranked_block", (recorder) =>
      recordPanelPack(recorder, { rows: source, panels: this.panels, rowCount: ranks.length, dim }),
    );
    // Submitted work keeps what it needs: the rows are gone once the panels are made.
    this.#scope.release(source);
  }

  get asLater(): LaterInputs {
    return {
      laterPanels: this.panels,
      laterRanks: this.ranks,
      laterStarts: this.starts,
      laterCount: this.rowCount,
      scores: this.#scores,
      indices: this.#indices,
    };
  }

  get asEarlier(): EarlierInputs {
    return { earlierPanels: this.panels, earlierRanks: this.ranks, earlierCount: this.rowCount };
  }

  /** Best score (f32) and rank of its row (u32) of each row so far. */
  async read(): Promise<{ scores: Float32Array; indices: Uint32Array }> {
    return {
      scores: await this.#gpu.readFloats(this.#scores, this.rowCount),
      indices: await this.#gpu.readUints(this.#indices, this.rowCount),
    };
  }

  destroy(): void {
    this.#scope.destroy();
  }
}
