// Writes Parquet in row groups to an ObjectWriter, holding one row group in memory. hyparquet-writer encodes.
// Schemas are what pandas and pyarrow write: every column optional; a string is UTF8; an embedding is
// list<element: float>, the three-level list of the Parquet specification (LogicalTypes.md, Lists).
// The trap: statistics and dictionaries cost time on embeddings and gain nothing, so both are off for them.
import {
  ByteWriter,
  type ColumnSource,
  ParquetWriter as Encoder,
  type SchemaElement,
} from "hyparquet-writer";
import { DataError, invariant } from "../errors.ts";
import type { ObjectWriter, Storage } from "./storage.ts";

export type ScalarType = "string" | "float32" | "float64" | "int32" | "int64" | "bool";

/** A column of a table to be written. */
export type ColumnSpec =
  | { readonly name: string; readonly type: ScalarType }
  | { readonly name: string; readonly type: "embedding"; readonly dimension: number };

/** Values of one column: one per row, null where there is none; for an embedding, row-major rows x dimension. */
export type ColumnValues =
  | Float32Array
  | Float64Array
  | Int32Array
  | readonly (string | number | bigint | boolean | null)[];

export interface ParquetWriterOptions {
  /** Rows per row group at most. Default: as many as give about 16 MiB of embeddings, and at most 65536. */
  readonly rowGroupRows?: number;
}

export interface ParquetWriter {
  /** Rows written so far. */
  readonly rowCount: number;
  /** Appends rows: one entry per column. Rejects with DataError for columns of unequal length or a value of another type. */
  writeRows(columns: Readonly<Record<string, ColumnValues>>): Promise<void>;
  /** Writes what is left and the footer, and makes the file visible. */
  close(): Promise<void>;
  /** Drops the file. */
  abort(): Promise<void>;
}

const ROW_GROUP_VALUES = 4 * 1024 * 1024;
const ROW_GROUP_ROWS = 65536;

const SCALARS: Readonly<Record<ScalarType, Omit<SchemaElement, "name">>> = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  float32: { type: "FLOAT" },
  float64: { type: "DOUBLE" },
  int32: { type: "INT32" },
  int64: { type: "INT64" },
  bool: { type: "BOOLEAN" },
};

/** Starts a Parquet file; nothing is visible under its name until `close`. */
export async function createParquetWriter(
  storage: Storage,
  path: string,
  columns: readonly ColumnSpec[],
  options: ParquetWriterOptions = {},
): Promise<ParquetWriter> {
  invariant(columns.length > 0, `a table needs a column: ${path}`);
  return new StreamingWriter(await storage.create(path), path, columns, options);
}

class StreamingWriter implements ParquetWriter {
  readonly #output: ObjectWriter;
  readonly #path: string;
  readonly #buffers: readonly ColumnBuffer[];
  readonly #groupRows: number;
  readonly #bytes = new ByteWriter();
  readonly #encoder: Encoder;
  #pendingRows = 0;
  #rowCount = 0;

  constructor(
    output: ObjectWriter,
    path: string,
    columns: readonly ColumnSpec[],
    options: ParquetWriterOptions,
  ) {
    this.#output = output;
    this.#path = path;
    const rowValues = columns.reduce(
      (sum, column) => sum + (column.type === "embedding" ? column.dimension : 0),
      0,
    );
    const defaultRows = Math.min(ROW_GROUP_ROWS, Math.ceil(ROW_GROUP_VALUES / Math.max(1, rowValues)));
    this.#groupRows = options.rowGroupRows ?? defaultRows;
    this.#buffers = columns.map((column) => new ColumnBuffer(column));
    const schema = [{ name: "schema", num_children: columns.length }, ...columns.flatMap(schemaElements)];
    this.#encoder = new Encoder({ writer: this.#bytes, schema, codec: "SNAPPY", createdBy: "clipsieve" });
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  async writeRows(columns: Readonly<Record<string, ColumnValues>>): Promise<void> {
    const batch = this.#buffers.map((buffer) => this.#batchOf(buffer, columns));
    const batchRows = batch[0]?.rowCount ?? 0;
    for (const { buffer, rowCount } of batch) {
      if (rowCount === batchRows) continue;
      throw new DataError(
        `Cannot write rows to ${this.#path} as its columns differ in length: ${buffer.spec.name} has ${rowCount}, ` +
          `${this.#buffers[0]?.spec.name} has ${batchRows}. Give every column the same number of rows.`,
      );
    }
    for (let start = 0; start < batchRows; ) {
      const end = Math.min(batchRows, start + this.#groupRows - this.#pendingRows);
      for (const { buffer, values } of batch) buffer.append(values, start, end);
      this.#pendingRows += end - start;
      this.#rowCount += end - start;
      start = end;
      if (this.#pendingRows >= this.#groupRows) await this.#writeGroup();
    }
  }

  async close(): Promise<void> {
    if (this.#pendingRows > 0) await this.#writeGroup();
    this.#encoder.finish();
    await this.#flush();
    await this.#output.close();
  }

  async abort(): Promise<void> {
    await this.#output.abort();
  }

  #batchOf(
    buffer: ColumnBuffer,
    columns: Readonly<Record<string, ColumnValues>>,
  ): { readonly buffer: ColumnBuffer; readonly values: ColumnValues; readonly rowCount: number } {
    const values = columns[buffer.spec.name];
    if (values === undefined) {
      throw new DataError(
        `Cannot write rows to ${this.#path} as a column is missing: ${buffer.spec.name}. Give it.`,
      );
    }
    return { buffer, values, rowCount: values.length / buffer.width };
  }

  async #writeGroup(): Promise<void> {
    try {
      this.#encoder.write({
        columnData: this.#buffers.map((buffer) => buffer.take()),
        rowGroupSize: this.#pendingRows,
      });
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message.replace(/^parquet /, "") : String(cause);
      throw new DataError(
        `Cannot write rows to ${this.#path} as a value does not fit its column: ${detail}. Give values of the column's type.`,
        { cause },
      );
    }
    this.#pendingRows = 0;
    await this.#flush();
  }

  /** Hands the encoded bytes on. The encoder's offset goes on counting; only its buffer starts anew. */
  async #flush(): Promise<void> {
    await this.#output.write(this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}

/** The rows of one column that wait for their row group. */
class ColumnBuffer {
  readonly spec: ColumnSpec;
  /** Numbers per row. */
  readonly width: number;
  #rows: unknown[] = [];

  constructor(spec: ColumnSpec) {
    this.spec = spec;
    this.width = spec.type === "embedding" ? spec.dimension : 1;
  }

  append(values: ColumnValues, start: number, end: number): void {
    for (let row = start; row < end; row++) this.#rows.push(this.#rowOf(values, row));
  }

  take(): ColumnSource {
    const data = this.#rows;
    this.#rows = [];
    const { name } = this.spec;
    if (this.spec.type !== "embedding") return { name, data };
    return { name, data, encoding: "PLAIN", codec: "UNCOMPRESSED", statistics: false };
  }

  #rowOf(values: ColumnValues, row: number): unknown {
    // The encoder takes a list as a plain array only.
    if (this.spec.type === "embedding")
      return Array.from(values.slice(row * this.width, (row + 1) * this.width));
    const value = values[row] ?? null;
    return this.spec.type === "int64" && typeof value === "number" ? BigInt(value) : value;
  }
}

function schemaElements(column: ColumnSpec): SchemaElement[] {
  const { name } = column;
  if (column.type !== "embedding") return [{ name, ...SCALARS[column.type], repetition_type: "OPTIONAL" }];
  return [
    {
      name,
      converted_type: "LIST",
      logical_type: { type: "LIST" },
      num_children: 1,
      repetition_type: "OPTIONAL",
    },
    { name: "list", num_children: 1, repetition_type: "REPEATED" },
    { name: "element", type: "FLOAT", repetition_type: "OPTIONAL" },
  ];
}
