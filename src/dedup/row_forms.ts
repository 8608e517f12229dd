// Forms of a store's rows that kernels read in their place: f16 halves, sketches. Made once where the store keeps its rows,
// for whoever passes over them; a streaming store has room for one chunk of each, which is made again whenever it comes by.
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import type { RowChunk, RowStore } from "./row_store.ts";

export interface FormMaker<Form> {
  /** What tells this form from others: a name, or the object that it depends on. */
  readonly kind: string | object;
  /** Makes the buffers for so many rows. */
  readonly room: (scope: BufferScope, rowCount: number) => Form;
  /** Records what fills them from the rows of the chunk. */
  readonly fill: (form: Form) => void;
}

export class RowForms {
  readonly #scope: BufferScope;
  readonly #shape: Pick<RowStore, "rowCount" | "chunkRows" | "resident">;
  readonly #forms = new Map<string | object, Map<number, unknown>>();

  constructor(gpu: GpuContext, shape: Pick<RowStore, "rowCount" | "chunkRows" | "resident">) {
    this.#scope = new BufferScope(gpu);
    this.#shape = shape;
  }

  /** The form of a chunk, filled at once where it is not there yet. One kind always comes with the same Form. */
  of<Form>({ index, rowCount }: RowChunk, { kind, room, fill }: FormMaker<Form>): Form {
    const { resident } = this.#shape;
    const byChunk = this.#forms.get(kind) ?? new Map<number, unknown>();
    this.#forms.set(kind, byChunk);
    const slot = resident ? index : 0;
    const kept = byChunk.get(slot) as Form | undefined;
    if (kept !== undefined && resident) return kept;
    const mostRows = Math.min(this.#shape.chunkRows, this.#shape.rowCount);
    const form = kept ?? room(this.#scope, resident ? rowCount : mostRows);
    byChunk.set(slot, form);
    fill(form);
    return form;
  }

  destroy(): void {
    this.#scope.destroy();
    this.#forms.clear();
  }
}
