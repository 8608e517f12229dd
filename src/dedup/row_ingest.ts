// Brings rows of a source onto the device: uploads pieces, scales each row to length 1 there, and packs those with a
// direction into chunks of a fixed number of rows, whatever the blocks of the source. The first pass reads the lengths
// back to find the rows to set aside; later passes know them.
import { DataError } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { recordRowNormalize } from "../kernels/row_normalize.ts";
import type { RowChunk, RowSource } from "./row_store.ts";

/** Rows that are uploaded at once, in bytes: bounds the memory of a pass beside its chunk. */
const pieceBytes = 32 * 2 ** 20;

export class RowIngest {
  readonly #gpu: GpuContext;
  readonly #source: RowSource;
  readonly #dim: number;
  readonly #chunkRows: number;
  #known: readonly number[] | undefined;
  #sourceRows = 0;

  constructor(gpu: GpuContext, source: RowSource, dim: number, chunkRows: number) {
    this.#gpu = gpu;
    this.#source = source;
    this.#dim = dim;
    this.#chunkRows = chunkRows;
  }

  /** Source indices of rows without a direction; complete after the first pass. */
  get setAside(): readonly number[] {
    return this.#known ?? [];
  }

  /**
   * One pass. With "keep" every chunk has a buffer of its own, of just its size, that the caller destroys; with "reuse"
   * one buffer serves all chunks and holds a chunk's rows until the next is asked for.
   */
  async *chunks(mode: "keep" | "reuse"): AsyncGenerator<RowChunk> {
    const rowBytes = this.#dim * 4;
    const scope = new BufferScope(this.#gpu);
    const pieceRows = Math.max(1, Math.min(this.#chunkRows, Math.floor(pieceBytes / rowBytes)));
    const skipped = new Set(this.#known ?? []);
    const found: number[] = [];
    let piece: { rows: GPUBuffer; norms: GPUBuffer; capacity: number } | undefined;
    let chunk = { rows: undefined as GPUBuffer | undefined, capacity: 0, filled: 0, index: 0 };
    let sourceRow = 0;
    let completed = false;
    let settled = Promise.resolve();
    const finish = (): RowChunk => {
      const { rows, index, filled } = chunk;
      chunk = {
        rows: mode === "reuse" ? rows : undefined,
        capacity: mode === "reuse" ? chunk.capacity : 0,
        filled: 0,
        index: index + 1,
      };
      return { rows: rows!, index, firstRow: index * this.#chunkRows, rowCount: filled };
    };
    try {
      for await (const block of readAhead(this.#source())) {
        const blockRows = block.rows.length / this.#dim;
        if (!Number.isInteger(blockRows)) {
          throw new DataError(
            `Cannot read rows as a block's ${block.rows.length} values are not a multiple of the dimension: ${this.#dim}`,
          );
        }
        for (let first = 0; first < blockRows; first += pieceRows) {
          const count = Math.min(pieceRows, blockRows - first);
          if (piece === undefined || piece.capacity < count) {
            if (piece !== undefined) for (const buffer of [piece.rows, piece.norms]) scope.release(buffer);
            piece = {
              rows: scope.buffer("row_store.piece", count * rowBytes),
              norms: scope.buffer("row_store.norms", count * 4),
              capacity: count,
            };
          }
          const { rows, norms } = piece;
          this.#gpu.write(rows, 0, block.rows.subarray(first * this.#dim, (first + count) * this.#dim));
          this.#gpu.submit("row_store", (recorder) =>
            recordRowNormalize(recorder, { rows, norms, rowCount: count, dim: this.#dim }),
          );
          if (this.#known === undefined) {
            const lengths = await this.#gpu.readFloats(norms, count);
            lengths.forEach((length, row) => {
              if (length > 0 && length < Number.POSITIVE_INFINITY) return;
              skipped.add(sourceRow + row);
              found.push(sourceRow + row);
            });
          }
          for (const [start, end] of runsBetween(skipped, sourceRow, count)) {
            for (let from = start; from < end; ) {
              const length = Math.min(end - from, this.#chunkRows - chunk.filled);
              const target = this.#room(chunk, length);
              const at = { buffer: target, offset: chunk.filled * rowBytes, size: length * rowBytes };
              const taken = { buffer: rows, offset: from * rowBytes, size: length * rowBytes };
              this.#gpu.submit("row_store.copy", (recorder) => recorder.copy(taken, at, length * rowBytes));
              chunk.filled += length;
              from += length;
              if (chunk.filled === this.#chunkRows) yield finish();
            }
          }
          sourceRow += count;
          // Uploads wait in memory until the device takes them: a pass holds two pieces of them, the one at work and
          // the one that is read meanwhile.
          await settled;
          settled = this.#gpu.settle();
          settled.catch(() => undefined);
        }
      }
      await settled;
      if (this.#known !== undefined && sourceRow !== this.#sourceRows) {
        throw new DataError(
          `Cannot go on as the source gave ${this.#sourceRows} rows when first read and now another number: ${sourceRow}`,
        );
      }
      this.#known = found.length > 0 ? found : (this.#known ?? []);
      this.#sourceRows = sourceRow;
      if (chunk.filled > 0) {
        if (mode === "keep") this.#shrink(chunk);
        yield finish();
      }
      completed = true;
    } finally {
      await this.#gpu.settle().catch(() => undefined);
      scope.destroy();
      if (chunk.rows !== undefined && (mode === "reuse" || !completed)) this.#gpu.free(chunk.rows);
    }
  }

  /** The chunk's buffer with room for `length` more rows: it grows by doubling, so that few rows take little memory. */
  #room(chunk: { rows: GPUBuffer | undefined; capacity: number; filled: number }, length: number): GPUBuffer {
    const needed = chunk.filled + length;
    if (chunk.rows !== undefined && needed <= chunk.capacity) return chunk.rows;
    this.#resize(chunk, Math.min(this.#chunkRows, Math.max(needed, 2 * chunk.capacity)));
    return chunk.rows!;
  }

  #shrink(chunk: { rows: GPUBuffer | undefined; capacity: number; filled: number }): void {
    if (chunk.filled < chunk.capacity) this.#resize(chunk, chunk.filled);
  }

  #resize(chunk: { rows: GPUBuffer | undefined; capacity: number; filled: number }, capacity: number): void {
    const rowBytes = this.#dim * 4;
    const old = chunk.rows;
    const rows = this.#gpu.buffer("row_store.chunk", capacity * rowBytes);
    if (old !== undefined && chunk.filled > 0)
      this.#gpu.submit("row_store.resize", (recorder) => recorder.copy(old, rows, chunk.filled * rowBytes));
    if (old !== undefined) this.#gpu.free(old);
    chunk.rows = rows;
    chunk.capacity = capacity;
  }
}

/** The same items, the next of which is fetched while one is worked. */
async function* readAhead<T>(source: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  const items = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let next = Promise.resolve(items.next());
  let ended = false;
  try {
    for (;;) {
      const item = await next;
      if (item.done === true) {
        ended = true;
        return;
      }
      next = Promise.resolve(items.next());
      // Awaited in its turn; until then a failure is not unheard.
      next.catch(() => undefined);
      yield item.value;
    }
  } finally {
    if (!ended) {
      await next.catch(() => undefined);
      await items.return?.();
    }
  }
}

/** Stretches [start, end) of a piece of `count` rows that hold none of the skipped ones. */
export function* runsBetween(
  skipped: ReadonlySet<number>,
  firstRow: number,
  count: number,
): Generator<readonly [start: number, end: number]> {
  let start = 0;
  for (let row = 0; skipped.size > 0 && row < count; row++) {
    if (!skipped.has(firstRow + row)) continue;
    if (row > start) yield [start, row];
    start = row + 1;
  }
  if (count > start) yield [start, count];
}
