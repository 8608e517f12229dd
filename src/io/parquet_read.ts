// Reads Parquet: embedding tables as a stream of blocks, and small flat tables whole. Memory is bounded by a page and
// a block, never by a row group (pyarrow writes up to a million rows in one).
// The trap: a few kilobytes may stand for gigabytes of equal values; such a file is refused before it is decoded.

import { DataError } from "../errors.ts";
import {
  areFinite,
  BlockBuilder,
  type BlockOptions,
  type CandidateRow,
  defaultBlockRows,
  definesDimension,
  type EmbeddingBlock,
  type EmbeddingFile,
  type EmbeddingFileOptions,
  type RowRun,
  rowOfRun,
} from "./embedding_blocks.ts";
import {
  columnChunk,
  type LeafPath,
  leafPath,
  openParquetFile,
  type ParquetFile,
  parquetError,
  withParquetErrors,
} from "./parquet_file.ts";
import { FlatColumn, isFlat } from "./parquet_flat.ts";
import { ListAssembler, type ListLevels, listLevels } from "./parquet_lists.ts";
import { columnPages } from "./parquet_pages.ts";
import type { Storage } from "./storage.ts";

/** A column may expand past this many bytes only if it does so by less than `EXPANSION_LIMIT`. */
const EXPANDED_BYTE_LIMIT = 2 ** 30;
const EXPANSION_LIMIT = 1000;
/** Values that `readTable` holds at most. */
const TABLE_VALUE_LIMIT = 2 ** 27;

/** An embedding table in Parquet. */
export interface ParquetEmbeddings extends EmbeddingFile {
  readonly rowCount: number;
  /** Reads columns of single values whole: one value per row of the file, usable or not. */
  columns(names: readonly string[]): Promise<Record<string, unknown[]>>;
  /**
   * Hands over the embeddings in order, as they lie in the pages: `values` are `count` rows, valid until the call
   * returns. Rejects with DataError where one is null, not finite or of another length.
   */
  readRows(take: (values: Float32Array, count: number) => void): Promise<void>;
}

/**
 * Opens a Parquet file of embeddings: lists of float32, float64 or float16 (variable, large or fixed-size), with ids
 * that are strings or integers.
 * @param options `hold` keeps a small file in memory: for one that is read right away and then let go of.
 * @throws DataError where the file is absent, damaged, too large for what it says, or lacks the columns.
 */
export async function openEmbeddingFile(
  storage: Storage,
  path: string,
  options: EmbeddingFileOptions & { readonly hold?: boolean } = {},
): Promise<ParquetEmbeddings> {
  const { idField = "id", embeddingField = "embedding" } = options;
  const file = await openParquetFile(storage, path, options.hold);
  const leaf = leafPath(file, embeddingField, "--embedding-field");
  const levels = listLevels(leaf, path, "--embedding-field");
  new FlatColumn(file, idField, "--id-field");
  checkExpansion(file, leaf);
  const rows = (): AsyncGenerator<CandidateRow | RowRun> => candidateRows(file, leaf, levels);
  const dimension = options.dimension ?? (await withParquetErrors(path, () => firstDimension(rows())));
  return {
    path,
    rowCount: file.rowCount,
    dimension,
    columns: (names) => readColumns(file, names),
    readRows: (take) => withParquetErrors(path, () => takeRows(path, rows(), dimension, take)),
    blocks: (blockOptions = {}) => readBlocks(file, idField, rows(), dimension ?? 1, blockOptions),
  };
}

/**
 * Reads a table of single values whole: meant for small ones, such as the pairwise and duplicates files.
 * @param columns default: every column that holds one value per row. Integers of 64 bits come as bigint.
 * @throws DataError where the file or a column cannot be read, or the table is too large to hold.
 */
export async function readTable(
  storage: Storage,
  path: string,
  columns?: readonly string[],
): Promise<Record<string, unknown[]>> {
  const file = await openParquetFile(storage, path, true);
  return await readColumns(file, columns ?? flatColumnNames(file));
}

async function readColumns(file: ParquetFile, names: readonly string[]): Promise<Record<string, unknown[]>> {
  const { path } = file;
  if (file.rowCount * names.length > TABLE_VALUE_LIMIT) {
    throw new DataError(
      `Cannot read a table whole as it holds too many values: ${path} has ${file.rowCount} rows of ${names.length} columns. ` +
        "Split the file.",
    );
  }
  const table: Record<string, unknown[]> = Object.create(null);
  for (const name of names) {
    const column = new FlatColumn(file, name);
    table[name] = await withParquetErrors(path, () => column.take(file.rowCount));
  }
  return table;
}

function flatColumnNames(file: ParquetFile): string[] {
  const flat = file.schema.children.filter(
    (child) => child.children.length === 0 && isFlat([file.schema, child]),
  );
  return flat.map((child) => child.element.name);
}

async function* readBlocks(
  file: ParquetFile,
  idField: string,
  rows: AsyncGenerator<CandidateRow | RowRun>,
  dimension: number,
  options: BlockOptions,
): AsyncGenerator<EmbeddingBlock> {
  const ids = new FlatColumn(file, idField, "--id-field");
  const extra = (options.columns ?? []).map((name) => [name, new FlatColumn(file, name)] as const);
  const blockRows = options.blockRows ?? defaultBlockRows(dimension);
  const builder = new BlockBuilder(dimension, blockRows, Math.min(blockRows, file.rowCount));
  let open: { readonly run: RowRun; readonly next: number } | undefined;
  const fill = async (): Promise<boolean> => {
    while (!builder.isFull) {
      if (open === undefined) {
        const { done, value } = await rows.next();
        if (done === true) return false;
        if (!("count" in value)) builder.add(value);
        else open = { run: value, next: 0 };
      } else {
        const next = builder.addRun(open.run, open.next);
        open = next < open.run.count ? { run: open.run, next } : undefined;
      }
    }
    return true;
  };
  const take = async (): Promise<EmbeddingBlock | undefined> => {
    const idTexts = (await ids.take(builder.count)).map((id) => idText(file.path, idField, id));
    const columns: Record<string, unknown[]> = {};
    for (const [name, column] of extra) columns[name] = await column.take(builder.count);
    return builder.take(idTexts, columns, options.onRowRejected);
  };
  for (let more = true; more; ) {
    more = await withParquetErrors(file.path, fill);
    const block = await withParquetErrors(file.path, take);
    if (block !== undefined) yield block;
  }
}

/** Every row of the embedding column in order; rejects where a row group holds another number of rows than it says. */
async function* candidateRows(
  file: ParquetFile,
  leaf: LeafPath,
  levels: ListLevels,
): AsyncGenerator<CandidateRow | RowRun> {
  for (const [index, group] of file.metadata.row_groups.entries()) {
    const assembler = new ListAssembler(levels);
    let count = 0;
    for await (const page of columnPages(file, columnChunk(file, index, leaf), leaf)) {
      for (const rows of assembler.push(page)) {
        count += "count" in rows ? rows.count : 1;
        yield rows;
      }
    }
    for (const row of assembler.finish()) {
      count++;
      yield row;
    }
    if (count !== Number(group.num_rows)) {
      throw parquetError(
        file.path,
        `row group ${index} says ${group.num_rows} rows and holds ${count} embeddings`,
      );
    }
  }
}

async function takeRows(
  path: string,
  rows: AsyncGenerator<CandidateRow | RowRun>,
  dimension: number | undefined,
  take: (values: Float32Array, count: number) => void,
): Promise<void> {
  for await (const found of rows) {
    const isRun = "count" in found;
    const values = found.values;
    const length = isRun ? found.length : values?.length;
    if (values === null || length !== dimension || !(isRun ? areFinite(values) : found.allFinite)) {
      throw new DataError(
        `Cannot read rows as an embedding is null, not finite or not of ${dimension} values: ${path}. Write the file again.`,
      );
    }
    take(values, isRun ? found.count : 1);
  }
}

async function firstDimension(rows: AsyncGenerator<CandidateRow | RowRun>): Promise<number | undefined> {
  for await (const found of rows) {
    for (let index = 0; index < ("count" in found ? found.count : 1); index++) {
      const row = "count" in found ? rowOfRun(found, index) : found;
      if (definesDimension(row)) return row.values?.length;
    }
  }
  return undefined;
}

function checkExpansion(file: ParquetFile, leaf: LeafPath): void {
  let valueBytes = 0;
  let storedBytes = 0;
  for (const index of file.metadata.row_groups.keys()) {
    const chunk = columnChunk(file, index, leaf);
    valueBytes += Number(chunk.num_values) * 4;
    storedBytes += Number(chunk.total_compressed_size);
  }
  if (valueBytes > EXPANDED_BYTE_LIMIT && valueBytes > storedBytes * EXPANSION_LIMIT) {
    throw new DataError(
      `Cannot read embeddings as ${storedBytes} bytes of ${file.path} would become ${valueBytes}, more than ` +
        `${EXPANSION_LIMIT} times as many. If the file is meant so, write its embeddings without dictionary encoding.`,
    );
  }
}

function idText(path: string, idField: string, id: unknown): string | null {
  if (id === null || typeof id === "string") return id;
  if (typeof id === "bigint" || (typeof id === "number" && Number.isSafeInteger(id))) return String(id);
  throw new DataError(
    `Cannot read ids as column "${idField}" of ${path} holds neither strings nor integers: ${String(id)}. ` +
      "Name another column with --id-field.",
  );
}
