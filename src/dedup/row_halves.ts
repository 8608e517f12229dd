// The f16 form of a store's rows, which screens read. Packed once where the store keeps its rows, for whoever passes over
// them; a streaming store has room for one chunk, which is packed again whenever it comes by.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { type HalfRows, halfRows, recordHalfPack } from "../kernels/half_pack.ts";
import type { RowChunk, RowStore } from "./row_store.ts";

type Shape = Pick<RowStore, "rowCount" | "dim" | "chunkRows" | "resident">;

export class RowHalves {
  readonly #scope: BufferScope;
  readonly #shape: Shape;
  readonly #byChunk = new Map<number, HalfRows>();

  constructor(gpu: GpuContext, shape: Shape) {
    this.#scope = new BufferScope(gpu);
    this.#shape = shape;
  }

  /** The halves of a chunk; records what makes them, where they are not there yet. */
  of(recorder: Recorder, { index, rows, rowCount }: RowChunk): HalfRows {
    const { resident, dim } = this.#shape;
    const kept = this.#byChunk.get(resident ? index : 0);
    if (kept !== undefined && resident) return kept;
    const room = resident ? rowCount : Math.min(this.#shape.chunkRows, this.#shape.rowCount);
    const halves = kept ?? halfRows(this.#scope, "rows", room, dim);
    this.#byChunk.set(resident ? index : 0, halves);
    recordHalfPack(recorder, { rows, rowCount, dim, ...halves });
    return halves;
  }

  destroy(): void {
    this.#scope.destroy();
    this.#byChunk.clear();
  }
}
