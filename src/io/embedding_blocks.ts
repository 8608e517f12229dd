// Embedding tables as blocks of rows, whatever file they come from, and the one policy for rows that cannot be used:
// such a row is set aside with a named reason, and counted; it never reaches a kernel and is never dropped in silence.

/** Why a row was set aside. */
export type RowRejection = "null-id" | "null-embedding" | "empty-embedding" | "wrong-length" | "not-finite";

export interface EmbeddingBlock {
  /** Ids of the usable rows; integers as decimal strings. */
  readonly ids: string[];
  /** float32, row-major, `ids.length` x `dimension`. */
  readonly rows: Float32Array;
  readonly dimension: number;
  /** Values of the extra columns asked for, one array of `ids.length` each. */
  readonly columns: Readonly<Record<string, unknown[]>>;
}

export interface BlockOptions {
  /** Rows of the file per block at most. Default: as many as give about 16 MiB of float32. */
  readonly blockRows?: number;
  /** Flat columns to deliver beside the embedding. Default none. */
  readonly columns?: readonly string[];
  /** Called for each row set aside; the id is null where that is what is wrong. */
  readonly onRowRejected?: (reason: RowRejection, id: string | null) => void;
}

export interface EmbeddingFileOptions {
  /** Default "id". */
  readonly idField?: string;
  /** Default "embedding". */
  readonly embeddingField?: string;
  /** Length that every row must have. Default: that of the first row whose numbers are all finite. */
  readonly dimension?: number;
}

/** An embedding table, open for reading. */
export interface EmbeddingFile {
  readonly path: string;
  /** Rows in the file, usable or not; undefined where only reading it all would tell (JSONL). */
  readonly rowCount: number | undefined;
  /** The dimension asked for or found; undefined where no row is usable. */
  readonly dimension: number | undefined;
  /** Reads the file from its beginning. Blocks without a usable row are not delivered. Rejects with DataError. */
  blocks(options?: BlockOptions): AsyncIterable<EmbeddingBlock>;
}

const BLOCK_BYTES = 16 * 1024 * 1024;

/** Rows per block that keep the float32 values of a block near 16 MiB. */
export function defaultBlockRows(dimension: number): number {
  return Math.max(1, Math.min(65536, Math.floor(BLOCK_BYTES / 4 / dimension)));
}

/** One row as a reader found it. */
export interface CandidateRow {
  /** null where the embedding is null. The reader may reuse it: copy it before the next row is asked for. */
  readonly values: Float32Array | null;
  /** Whether every element is a finite float32. */
  readonly allFinite: boolean;
}

/** Rows of one length that lie one behind the other. */
export interface RowRun {
  /** `count` x `length` values; the reader may reuse them. */
  readonly values: Float32Array;
  readonly length: number;
  readonly count: number;
}

/** The row at an index of a run. */
export function rowOfRun({ values, length }: RowRun, index: number): CandidateRow {
  const row = values.subarray(index * length, (index + 1) * length);
  return { values: row, allFinite: areFinite(row) };
}

/** NaN and infinities times 0 are NaN; the sums of all else stay 0. Four of them, as an addition waits for the one before. */
export function areFinite(values: Float32Array): boolean {
  const whole = values.length - (values.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let index = 0; index < whole; index += 4) {
    a += values[index]! * 0;
    b += values[index + 1]! * 0;
    c += values[index + 2]! * 0;
    d += values[index + 3]! * 0;
  }
  for (let index = whole; index < values.length; index++) a += values[index]! * 0;
  return a + b + c + d === 0;
}

/** Collects candidate rows, and gives out the usable ones as a block once their ids are known. */
export class BlockBuilder {
  readonly #dimension: number;
  readonly #capacity: number;
  readonly #expectedRows: number;
  #rows: Float32Array;
  #verdicts: (RowRejection | undefined)[] = [];
  #usable = 0;

  /** @param expectedRows rows to make room for at once. */
  constructor(dimension: number, capacity: number, expectedRows = 0) {
    this.#dimension = dimension;
    this.#capacity = capacity;
    this.#expectedRows = expectedRows;
    this.#rows = new Float32Array(0);
  }

  /** Candidates collected since the last block, usable or not. */
  get count(): number {
    return this.#verdicts.length;
  }

  get isFull(): boolean {
    return this.count >= this.#capacity;
  }

  add({ values, allFinite }: CandidateRow): void {
    const verdict = rejection(values, allFinite, this.#dimension);
    this.#verdicts.push(verdict);
    if (verdict !== undefined || values === null) return;
    this.#grow(1);
    this.#rows.set(values, this.#usable * this.#dimension);
    this.#usable++;
  }

  /** Adds rows [start, ...) of a run, as many as there is room for, and returns where it stopped. */
  addRun(run: RowRun, start: number): number {
    const end = Math.min(run.count, start + this.#capacity - this.count);
    const values = run.values.subarray(start * run.length, end * run.length);
    if (run.length !== this.#dimension || !areFinite(values)) {
      for (let index = start; index < end; index++) this.add(rowOfRun(run, index));
      return end;
    }
    this.#grow(end - start);
    this.#rows.set(values, this.#usable * this.#dimension);
    this.#usable += end - start;
    for (let index = start; index < end; index++) this.#verdicts.push(undefined);
    return end;
  }

  /**
   * Ends the block.
   * @param ids one per candidate, null where missing.
   * @param columns extra columns, one value per candidate.
   */
  take(
    ids: readonly (string | null)[],
    columns: Readonly<Record<string, readonly unknown[]>>,
    onRowRejected?: (reason: RowRejection, id: string | null) => void,
  ): EmbeddingBlock | undefined {
    const dimension = this.#dimension;
    const kept: number[] = [];
    const keptIds: string[] = [];
    let stored = 0;
    for (const [index, verdict] of this.#verdicts.entries()) {
      const id = ids[index] ?? null;
      const reason = id === null ? "null-id" : verdict;
      if (reason !== undefined) onRowRejected?.(reason, id);
      else if (id !== null) {
        if (stored > keptIds.length)
          this.#rows.copyWithin(keptIds.length * dimension, stored * dimension, (stored + 1) * dimension);
        kept.push(index);
        keptIds.push(id);
      }
      if (verdict === undefined) stored++;
    }
    const rows = this.#rows.subarray(0, keptIds.length * dimension);
    this.#rows = new Float32Array(0);
    this.#verdicts = [];
    this.#usable = 0;
    if (keptIds.length === 0) return undefined;
    const whole = kept.length === ids.length;
    const keptColumns = Object.entries(columns).map(([name, values]) => [
      name,
      whole ? values : kept.map((index) => values[index]),
    ]);
    return { ids: keptIds, rows, dimension, columns: Object.fromEntries(keptColumns) };
  }

  #grow(rowCount: number): void {
    const needed = (this.#usable + rowCount) * this.#dimension;
    if (needed <= this.#rows.length) return;
    const least = this.#rows.length === 0 ? this.#expectedRows * this.#dimension : this.#rows.length * 2;
    const rows = new Float32Array(Math.max(needed, Math.min(this.#capacity * this.#dimension, least)));
    rows.set(this.#rows);
    this.#rows = rows;
  }
}

/** Whether a row may set the dimension of a table. */
export function definesDimension({ values, allFinite }: CandidateRow): boolean {
  return values !== null && values.length > 0 && allFinite;
}

function rejection(
  values: Float32Array | null,
  allFinite: boolean,
  dimension: number,
): RowRejection | undefined {
  if (values === null) return "null-embedding";
  if (values.length === 0) return allFinite ? "empty-embedding" : "not-finite";
  if (!allFinite) return "not-finite";
  return values.length === dimension ? undefined : "wrong-length";
}
