// The unit rows that k-means passes over many times, cut into GPU buffers. A resident store keeps them all on the device;
// a streaming one reads its source anew for each pass and holds one chunk. Both cut rows at the same places and scale
// them with the same kernel, so results are equal bit for bit.
// Rows of length 0, and rows with NaN or infinite values, have no direction: the first pass sets them aside by index.
import type { GpuContext } from "../gpu/context.ts";
import { planChunkRows } from "./chunk_plan.ts";
import { RowForms } from "./row_forms.ts";
import { RowIngest } from "./row_ingest.ts";

export interface RowBlock {
  /** f32, any number of whole rows. */
  readonly rows: Float32Array;
}

/** Opens the rows from the start; each call gives the same blocks in the same order. */
export type RowSource = () => AsyncIterable<RowBlock> | Iterable<RowBlock>;

export interface RowChunk {
  /** f32, rowCount x dim, unit rows; valid until the visit ends. */
  readonly rows: GPUBuffer;
  /** Position of the chunk, from 0. */
  readonly index: number;
  /** Index of the first row among those not set aside. */
  readonly firstRow: number;
  readonly rowCount: number;
}

export interface RowStore {
  /** Rows that take part: those of the source less those set aside. */
  readonly rowCount: number;
  readonly dim: number;
  /** Rows of every chunk but the last, which may have fewer. */
  readonly chunkRows: number;
  /** Source indices of rows without a direction, ascending. */
  readonly setAside: readonly number[];
  /** Whether the rows stay on the device. */
  readonly resident: boolean;
  /** What kernels read in place of the rows; nothing is made before it is asked for. */
  readonly forms: RowForms;
  /** Visits the chunks in order; the visit may submit work that reads `rows`. */
  forEachChunk(visit: (chunk: RowChunk) => void | Promise<void>): Promise<void>;
  destroy(): void;
}

export interface RowStoreOptions {
  readonly dim: number;
  /** Device bytes the rows may take before the store streams instead. Default 4 GiB. */
  readonly residentBytes?: number;
  /** Ceiling for one chunk. Default 512 MiB, and never above the device's binding limit. */
  readonly maxChunkBytes?: number;
}

const defaultResidentBytes = 4 * 2 ** 30;

/** Reads the source once: scales its rows, sets aside what has no direction, and keeps the rows where they fit. */
export async function openRowStore(
  gpu: GpuContext,
  source: RowSource,
  options: RowStoreOptions,
): Promise<RowStore> {
  const { dim, residentBytes = defaultResidentBytes, maxChunkBytes } = options;
  if (!Number.isInteger(dim) || dim < 1)
    throw new RangeError(`Cannot store rows as the dimension must be a whole number from 1: ${dim}`);
  const chunkRows = planChunkRows(dim, { maxBindingBytes: gpu.maxBindingBytes, maxChunkBytes });
  const ingest = new RowIngest(gpu, source, dim, chunkRows);
  const kept: GPUBuffer[] = [];
  let rowCount = 0;
  let resident = true;
  try {
    for await (const chunk of ingest.chunks("keep")) {
      rowCount += chunk.rowCount;
      resident &&= rowCount * dim * 4 <= residentBytes;
      if (resident) kept.push(chunk.rows);
      else for (const buffer of [...kept.splice(0), chunk.rows]) gpu.free(buffer);
    }
  } catch (cause) {
    for (const buffer of kept) gpu.free(buffer);
    throw cause;
  }
  const shape = { rowCount, dim, chunkRows, setAside: ingest.setAside };
  return resident ? residentStore(gpu, shape, kept) : streamingStore(gpu, shape, ingest);
}

/** The index in the source of a row of the store. */
export function sourceIndexOf(store: Pick<RowStore, "setAside">, row: number): number {
  let index = row;
  for (const skipped of store.setAside) {
    if (skipped > index) break;
    index++;
  }
  return index;
}

/** Source indices of rows firstRow .. firstRow + rowCount - 1 of the store. */
export function sourceIndices(
  store: Pick<RowStore, "setAside">,
  firstRow: number,
  rowCount: number,
): number[] {
  const skipped = new Set(store.setAside);
  const indices: number[] = [];
  for (let index = sourceIndexOf(store, firstRow); indices.length < rowCount; index++) {
    if (!skipped.has(index)) indices.push(index);
  }
  return indices;
}

type StoreShape = Pick<RowStore, "rowCount" | "dim" | "chunkRows" | "setAside">;

/** A store over buffers that are already on the device; it owns them. */
export function residentStore(gpu: GpuContext, shape: StoreShape, buffers: readonly GPUBuffer[]): RowStore {
  const forms = new RowForms(gpu, { ...shape, resident: true });
  return {
    ...shape,
    resident: true,
    forms,
    async forEachChunk(visit) {
      for (const [index, rows] of buffers.entries()) {
        const firstRow = index * shape.chunkRows;
        const rowCount = Math.min(shape.chunkRows, shape.rowCount - firstRow);
        await visit({ rows, index, firstRow, rowCount });
      }
    },
    destroy() {
      forms.destroy();
      for (const buffer of buffers) gpu.free(buffer);
    },
  };
}

function streamingStore(gpu: GpuContext, shape: StoreShape, ingest: RowIngest): RowStore {
  const forms = new RowForms(gpu, { ...shape, resident: false });
  return {
    ...shape,
    resident: false,
    forms,
    async forEachChunk(visit) {
      for await (const chunk of ingest.chunks("reuse")) await visit(chunk);
    },
    destroy() {
      forms.destroy();
    },
  };
}
