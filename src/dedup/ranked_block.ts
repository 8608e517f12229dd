// A block of ranked rows on the device, as pairwise_max and the screen want it: panels, ranks, group starts, rest norms, and
// the best score so far.
import { invariant } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { bestOfSplits, type PairwiseMaxInputs, repeated } from "../kernels/pairwise_max.ts";
import { recordScreenRows, type ScreenForm, type ScreenRows } from "../kernels/pairwise_screen.ts";
import { panelByteLength, recordPanelPack } from "../kernels/panel_pack.ts";

type LaterInputs = Pick<
  PairwiseMaxInputs,
  "laterPanels" | "laterRanks" | "laterStarts" | "laterCount" | "splits" | "scores" | "indices"
>;
type EarlierInputs = Pick<PairwiseMaxInputs, "earlierPanels" | "earlierRanks" | "earlierCount">;

export interface RankedBlockOptions {
  /** How the rows are screened, for which their ranks are consecutive; left out, they are not. */
  readonly screened?: ScreenForm;
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
  readonly ranks: GPUBuffer;
  readonly starts: GPUBuffer;
  readonly #gpu: GpuContext;
  readonly #scope: BufferScope;
  readonly #scores: GPUBuffer;
  readonly #indices: GPUBuffer;
  readonly #splits: number;
  readonly #dim: number;
  readonly #source: GPUBuffer;
  readonly #form: ScreenForm | undefined;
  #panels: GPUBuffer | undefined;
  #screened: ScreenRows | undefined;

  /**
   * @param rows f32, ranks.length x dim unit rows; a buffer becomes the block's own.
   * @param ranks ascending.
   * @param starts rank of the first row of each row's group, ascending.
   */
  constructor(
    gpu: GpuContext,
    rows: Float32Array | GPUBuffer,
    dim: number,
    ranks: Uint32Array,
    starts: Uint32Array,
    { screened, splits = 1 }: RankedBlockOptions = {},
  ) {
    this.#gpu = gpu;
    this.#scope = new BufferScope(gpu);
    this.rowCount = ranks.length;
    this.lowestStart = starts[0] ?? 0;
    this.firstRank = ranks[0] ?? 0;
    this.groupStarts = starts;
    this.#splits = splits;
    this.ranks = this.#scope.upload("ranked_block.ranks", ranks);
    this.starts = this.#scope.upload("ranked_block.starts", starts);
    this.#scores = this.#scope.buffer("ranked_block.scores", ranks.length * splits * 4);
    this.#indices = this.#ownRanks(ranks);
    this.#dim = dim;
    this.#form = screened;
    this.#source =
      rows instanceof Float32Array ? this.#scope.upload("ranked_block.rows", rows) : this.#scope.adopt(rows);
    if (screened !== undefined) return;
    this.#panels = this.#pack();
    // Submitted work keeps what it needs: rows that nothing else reads are gone once the panels are made.
    this.#scope.release(this.#source);
  }

  /** Panels of the rows (panel_pack), made when they are first asked for. */
  get panels(): GPUBuffer {
    this.#panels ??= this.#pack();
    return this.#panels;
  }

  /** f32, the rows as they lie, of a block that is screened. */
  get rows(): GPUBuffer {
    invariant(this.#form !== undefined, "a block that is not screened keeps no rows");
    return this.#source;
  }

  get asLater(): LaterInputs {
    return {
      laterPanels: this.panels,
      laterRanks: this.ranks,
      laterStarts: this.starts,
      laterCount: this.rowCount,
      splits: this.#splits,
      ...this.best,
    };
  }

  /** What pairs have given so far: f32 scores and u32 ranks, one for each row. */
  get best(): { readonly scores: GPUBuffer; readonly indices: GPUBuffer } {
    return { scores: this.#scores, indices: this.#indices };
  }

  get asEarlier(): EarlierInputs {
    return { earlierPanels: this.panels, earlierRanks: this.ranks, earlierCount: this.rowCount };
  }

  get asScreened(): ScreenRows {
    if (this.#screened !== undefined) return this.#screened;
    const { rows, rowCount, firstRank } = this;
    const form = this.#form!;
    const panels = form.layout === "panels" ? { panels: this.panels } : {};
    this.#gpu.submit("ranked_block.screen", (recorder) => {
      const made = recordScreenRows(recorder, this.#scope, {
        rows,
        rowCount,
        dim: this.#dim,
        form,
        ...panels,
      });
      this.#screened = { ...made, rowCount, firstRank };
    });
    return this.#screened!;
  }

  /** Best score (f32) and rank of its row (u32) of each row so far. */
  async read(): Promise<{ readonly scores: Float32Array; readonly indices: Uint32Array }> {
    const count = this.rowCount * this.#splits;
    const [scores, indices] = await Promise.all([
      this.#gpu.readFloats(this.#scores, count),
      this.#gpu.readUints(this.#indices, count),
    ]);
    return bestOfSplits(scores, indices, this.rowCount);
  }

  /** Every row's own rank, once for each split. */
  #ownRanks(ranks: Uint32Array): GPUBuffer {
    if (this.#splits > 1) return this.#scope.upload("ranked_block.indices", repeated(ranks, this.#splits));
    const indices = this.#scope.buffer("ranked_block.indices", ranks.byteLength);
    // Copied on the device, which costs it nothing beside another upload.
    this.#gpu.submit("ranked_block.indices", (recorder) =>
      recorder.copy(this.ranks, indices, ranks.byteLength),
    );
    return indices;
  }

  #pack(): GPUBuffer {
    const { rowCount } = this;
    const panels = this.#scope.buffer("ranked_block.panels", panelByteLength(rowCount, this.#dim));
    this.#gpu.submit("ranked_block.pack", (recorder) =>
      recordPanelPack(recorder, { rows: this.#source, panels, rowCount, dim: this.#dim }),
    );
    return panels;
  }

  destroy(): void {
    this.#scope.destroy();
  }
}

/** first, first + 1, .. as u32; a loop, as millions are asked for. */
export function countUp(first: number, count: number): Uint32Array {
  const values = new Uint32Array(count);
  for (let at = 0; at < count; at++) values[at] = first + at;
  return values;
}
