// The columns of a table to be written: their types, their Parquet schema, and the rows that wait for their row group.
// Schemas are what pandas and pyarrow write: every column optional; a string is UTF8; an embedding is
// list<element: float>, the three-level list of the Parquet specification (LogicalTypes.md, Lists).
import type { SchemaElement } from "hyparquet-writer";
import type { PageData } from "hyparquet-writer/src/types.js";

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

/** The rows of one column that wait for their row group. */
export interface ColumnBuffer {
  readonly name: string;
  /** From the column itself down to its leaf. */
  readonly elements: readonly SchemaElement[];
  /** Whether statistics and a dictionary can pay: never for embeddings. */
  readonly isEmbedding: boolean;
  /** Values per row. */
  readonly width: number;
  /** Appends rows [start, end) of `values`. */
  append(values: ColumnValues, start: number, end: number): void;
  /** What was appended, with its Dremel levels; the buffer is empty afterwards. */
  take(): PageData;
}

export function createColumnBuffer(spec: ColumnSpec): ColumnBuffer {
  return spec.type === "embedding"
    ? new EmbeddingBuffer(spec.name, spec.dimension)
    : new ScalarBuffer(spec.name, spec.type);
}

const SCALARS: Readonly<Record<ScalarType, Omit<SchemaElement, "name">>> = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  float32: { type: "FLOAT" },
  float64: { type: "DOUBLE" },
  int32: { type: "INT32" },
  int64: { type: "INT64" },
  bool: { type: "BOOLEAN" },
};

class ScalarBuffer implements ColumnBuffer {
  readonly name: string;
  readonly elements: readonly SchemaElement[];
  readonly isEmbedding = false;
  readonly width = 1;
  readonly #type: ScalarType;
  #values: unknown[] = [];

  constructor(name: string, type: ScalarType) {
    this.name = name;
    this.elements = [{ name, ...SCALARS[type], repetition_type: "OPTIONAL" }];
    this.#type = type;
  }

  append(values: ColumnValues, start: number, end: number): void {
    for (let row = start; row < end; row++) {
      const value = values[row] ?? null;
      if (value !== null) checkScalar(this.name, this.#type, value);
      this.#values.push(this.#type === "int64" && typeof value === "number" ? BigInt(value) : value);
    }
  }

  take(): PageData {
    const values = this.#values;
    this.#values = [];
    const definitionLevels = values.map((value) => (value === null ? 0 : 1));
    return { values, definitionLevels, repetitionLevels: [], maxDefinitionLevel: 1 };
  }
}

class EmbeddingBuffer implements ColumnBuffer {
  readonly name: string;
  readonly elements: readonly SchemaElement[];
  readonly isEmbedding = true;
  readonly width: number;
  #values = new Float32Array(0);
  #length = 0;

  constructor(name: string, dimension: number) {
    this.name = name;
    this.elements = [
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
    this.width = dimension;
  }

  append(values: ColumnValues, start: number, end: number): void {
    if (!(values instanceof Float32Array)) throw new TypeError(`column ${this.name} takes a Float32Array`);
    const rows = values.subarray(start * this.width, end * this.width);
    const needed = this.#length + rows.length;
    if (needed > this.#values.length) {
      const grown = new Float32Array(Math.max(needed, this.#values.length * 2));
      grown.set(this.#values.subarray(0, this.#length));
      this.#values = grown;
    }
    this.#values.set(rows, this.#length);
    this.#length = needed;
  }

  take(): PageData {
    const values = this.#values.subarray(0, this.#length);
    this.#values = new Float32Array(0);
    this.#length = 0;
    // No list, element or row is ever null or empty here, so the levels are known: 3 means "a value", and a
    // repetition level of 0 begins a row.
    const definitionLevels = new Array<number>(values.length).fill(3);
    const repetitionLevels = new Array<number>(values.length).fill(1);
    for (let start = 0; start < values.length; start += this.width) repetitionLevels[start] = 0;
    return { values, definitionLevels, repetitionLevels, maxDefinitionLevel: 3 };
  }
}

function checkScalar(name: string, type: ScalarType, value: string | number | bigint | boolean): void {
  const isWhole = typeof value === "bigint" || Number.isSafeInteger(value);
  const fits = {
    string: typeof value === "string",
    float32: typeof value === "number",
    float64: typeof value === "number",
    int32: isWhole && typeof value === "number" && (value | 0) === value,
    int64: isWhole && BigInt.asIntN(64, BigInt(value)) === BigInt(value),
    bool: typeof value === "boolean",
  } satisfies Record<ScalarType, boolean>;
  if (!fits[type])
    throw new TypeError(`column ${name} of type ${type} was given ${JSON.stringify(String(value))}`);
}
