// Writes Parquet in row groups to an ObjectWriter, holding one row group in memory. hyparquet-writer encodes columns of
// single values, indexes and the footer; embeddings go to the file as they lie in memory (parquet_embedding.ts).
// The trap: many writers at once (one per partition) each hold a row group, so give them a small `rowGroupRows`.
import { ByteWriter, ParquetWriter as Encoder, type SchemaElement } from "hyparquet-writer";
import { writeColumn } from "hyparquet-writer/src/column.js";
import type { PageIndexes } from "hyparquet-writer/src/types.js";
import { DataError, invariant } from "../errors.ts";
import { type ColumnSpec, type ColumnValues, ScalarBuffer } from "./parquet_columns.ts";
import { EmbeddingBuffer } from "./parquet_embedding.ts";
import type { ObjectWriter, Storage } from "./storage.ts";

export interface ParquetWriterOptions {
  /** Rows per row group at most. Default: as many as give about 16 MiB of embeddings, and at most 65536. */
  readonly rowGroupRows?: number;
  /** Whether the embeddings given to `writeRows` stay as they are until `close`: they are then not copied. Default false. */
  readonly keepsEmbeddings?: boolean;
}

export interface ParquetWriter {
  /** Rows written so far. */
  readonly rowCount: number;
  /** Appends rows: one entry per column. Rejects with DataError for columns of unequal length or a value of another type. */
  writeRows(columns: Readonly<Record<string, ColumnValues>>): Promise<void>;
  /** Writes what is left and the footer, and makes the file visible. */
  close(): Promise<void>;
  /** Drops the file. Safe to call after a failure or after `close`. */
  abort(): Promise<void>;
}

const ROW_GROUP_VALUES = 4 * 1024 * 1024;
const ROW_GROUP_ROWS = 65536;
const PAGE_BYTES = 1024 * 1024;
/** Values of a page from which on they are written by themselves instead of being gathered with what is beside them. */
const GATHERED_BYTES = 64 * 1024;

/** Starts a Parquet file; nothing is visible under its name until `close`. */
export async function createParquetWriter(
  storage: Storage,
  path: string,
  columns: readonly ColumnSpec[],
  options: ParquetWriterOptions = {},
): Promise<ParquetWriter> {
  invariant(columns.length > 0, `a table needs a column: ${path}`);
  return new StreamingWriter(() => storage.create(path), path, columns, options);
}

/** Writes a whole small table at once; replaces a file of that name. */
export async function writeTable(
  storage: Storage,
  path: string,
  columns: readonly ColumnSpec[],
  values: Readonly<Record<string, ColumnValues>>,
): Promise<void> {
  const writer = await createParquetWriter(storage, path, columns, { keepsEmbeddings: true });
  try {
    await writer.writeRows(values);
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

type ColumnBuffer = ScalarBuffer | EmbeddingBuffer;

class StreamingWriter implements ParquetWriter {
  /** Opened with the first row group: a thousand small partitions being collected then hold no file open. */
  readonly #create: () => Promise<ObjectWriter>;
  #output: ObjectWriter | undefined;
  readonly #path: string;
  readonly #columns: readonly ColumnBuffer[];
  readonly #groupRows: number;
  readonly #bytes = new ByteWriter();
  readonly #encoder: Encoder;
  #pendingRows = 0;
  #rowCount = 0;

  constructor(
    create: () => Promise<ObjectWriter>,
    path: string,
    specs: readonly ColumnSpec[],
    options: ParquetWriterOptions,
  ) {
    this.#create = create;
    this.#path = path;
    const copies = options.keepsEmbeddings !== true;
    this.#columns = specs.map((spec) =>
      spec.type === "embedding"
        ? new EmbeddingBuffer(spec.name, spec.dimension, copies)
        : new ScalarBuffer(spec.name, spec.type),
    );
    const rowValues = specs.reduce((sum, spec) => sum + (spec.type === "embedding" ? spec.dimension : 0), 0);
    this.#groupRows =
      options.rowGroupRows ?? Math.min(ROW_GROUP_ROWS, Math.ceil(ROW_GROUP_VALUES / Math.max(1, rowValues)));
    const root: SchemaElement = { name: "schema", num_children: specs.length };
    const schema = [root, ...this.#columns.flatMap((column) => column.elements)];
    this.#encoder = new Encoder({ writer: this.#bytes, schema, createdBy: "clipsieve" });
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  async writeRows(columns: Readonly<Record<string, ColumnValues>>): Promise<void> {
    const batch = this.#columns.map((column) => ({ column, values: this.#valuesOf(column, columns) }));
    const batchRows = batch[0]!.values.length / batch[0]!.column.width;
    for (const { column, values } of batch) {
      if (values.length === batchRows * column.width) continue;
      throw new DataError(
        `Cannot write rows to ${this.#path} as its columns differ in length: ${column.name} has ` +
          `${values.length / column.width} rows, ${batch[0]!.column.name} has ${batchRows}. Give each as many.`,
      );
    }
    for (let start = 0; start < batchRows; ) {
      const end = Math.min(batchRows, start + this.#groupRows - this.#pendingRows);
      for (const { column, values } of batch) this.#append(column, values, start, end);
      this.#pendingRows += end - start;
      this.#rowCount += end - start;
      start = end;
      if (this.#pendingRows >= this.#groupRows) await this.#writeGroup();
    }
  }

  async close(): Promise<void> {
    if (this.#pendingRows > 0) await this.#writeGroup();
    this.#encoder.finish();
    const output = await this.#flush();
    await output.close();
  }

  async abort(): Promise<void> {
    await this.#output?.abort();
  }

  #valuesOf(column: ColumnBuffer, columns: Readonly<Record<string, ColumnValues>>): ColumnValues {
    const values = columns[column.name];
    if (values !== undefined) return values;
    throw new DataError(
      `Cannot write rows to ${this.#path} as a column is missing: ${column.name}. Give its values.`,
    );
  }

  #append(column: ColumnBuffer, values: ColumnValues, start: number, end: number): void {
    try {
      column.append(values, start, end);
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw new DataError(
        `Cannot write rows to ${this.#path} as ${cause.message}. Give values of the column's type.`,
        {
          cause,
        },
      );
    }
  }

  async #writeGroup(): Promise<void> {
    const start = this.#bytes.offset;
    const results: PageIndexes[] = [];
    for (const column of this.#columns) {
      results.push(
        column instanceof EmbeddingBuffer
          ? await column.write(this.#bytes, (bytes) => this.#put(bytes))
          : this.#writeChunk(column),
      );
    }
    const columns = results.map((result) => result.chunk);
    this.#encoder.row_groups.push({
      columns,
      num_rows: BigInt(this.#pendingRows),
      total_byte_size: columns.reduce(
        (sum, chunk) => sum + (chunk.meta_data?.total_uncompressed_size ?? 0n),
        0n,
      ),
      total_compressed_size: BigInt(this.#bytes.offset - start),
    });
    this.#encoder.pendingIndexes.push(...results);
    this.#encoder.num_rows += BigInt(this.#pendingRows);
    this.#pendingRows = 0;
    // Small groups wait for what comes behind them, so that a small file is one write.
    if (this.#bytes.index >= GATHERED_BYTES) await this.#flush();
  }

  #writeChunk(column: ScalarBuffer): PageIndexes {
    return writeColumn({
      writer: this.#bytes,
      column: {
        columnName: column.name,
        element: column.elements[0]!,
        schemaPath: [{ name: "schema" }, ...column.elements],
        codec: "SNAPPY",
        compressors: { SNAPPY: this.#encoder.compressors.SNAPPY },
        stats: true,
        pageSize: PAGE_BYTES,
        columnIndex: false,
        offsetIndex: true,
      },
      pageData: column.take(),
    });
  }

  /** Writes values behind whatever is encoded so far. */
  async #put(bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength < GATHERED_BYTES) {
      this.#bytes.appendBytes(bytes);
      return;
    }
    const output = await this.#flush();
    await output.write(bytes);
    this.#bytes.offset += bytes.byteLength;
  }

  /** Hands the encoded bytes on. The encoder's offset goes on counting; only its buffer starts anew. */
  async #flush(): Promise<ObjectWriter> {
    this.#output ??= await this.#create();
    if (this.#bytes.index > 0) await this.#output.write(this.#bytes.getBytes());
    this.#bytes.index = 0;
    return this.#output;
  }
}
