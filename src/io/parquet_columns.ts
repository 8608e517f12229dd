// The columns of a table to be written: their types, and for those of single values their Parquet schema and the rows that
// wait for their row group. Schemas are what pandas and pyarrow write: every column optional; a string is UTF8.
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

/** The rows of one column of single values that wait for their row group. */
export class ScalarBuffer {
  readonly name: string;
  /** The column and its leaf are one. */
  readonly elements: readonly SchemaElement[];
  readonly width = 1;
  readonly #type: ScalarType;
  #values: unknown[] = [];

  constructor(name: string, type: ScalarType) {
    this.name = name;
    this.elements = [{ name, ...SCALARS[type], repetition_type: "OPTIONAL" }];
    this.#type = type;
  }

  /** Appends rows [start, end) of `values`. @throws TypeError for a value of another type. */
  append(values: ColumnValues, start: number, end: number): void {
    for (let row = start; row < end; row++) {
      const value = values[row] ?? null;
      if (value !== null) checkScalar(this.name, this.#type, value);
      this.#values.push(this.#type === "int64" && typeof value === "number" ? BigInt(value) : value);
    }
  }

  /** What was appended, with its levels; the buffer is empty afterwards. */
  take(): PageData {
    const values = this.#values;
    this.#values = [];
    const definitionLevels = values.map((value) => (value === null ? 0 : 1));
    return { values, definitionLevels, repetitionLevels: [], maxDefinitionLevel: 1 };
  }
}

const SCALARS: Readonly<Record<ScalarType, Omit<SchemaElement, "name">>> = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  float32: { type: "FLOAT" },
  float64: { type: "DOUBLE" },
  int32: { type: "INT32" },
  int64: { type: "INT64" },
  bool: { type: "BOOLEAN" },
};

function checkScalar(name: string, type: ScalarType, value: string | number | bigint | boolean): void {
  if (!fits[type](value))
    throw new TypeError(`column ${name} of type ${type} was given ${JSON.stringify(String(value))}`);
}

const fits: Readonly<Record<ScalarType, (value: string | number | bigint | boolean) => boolean>> = {
  string: (value) => typeof value === "string",
  float32: (value) => typeof value === "number",
  float64: (value) => typeof value === "number",
  int32: (value) => typeof value === "number" && (value | 0) === value,
  int64: (value) =>
    (typeof value === "bigint" || Number.isSafeInteger(value)) &&
    BigInt.asIntN(64, BigInt(value)) === BigInt(value),
  bool: (value) => typeof value === "boolean",
};
