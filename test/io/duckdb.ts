// Reads Parquet with DuckDB, a reader that shares no code with ours.
import { DuckDBInstance } from "@duckdb/node-api";

export interface DuckTable {
  readonly types: Readonly<Record<string, string>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Column types and rows of a file; `sql` is what follows SELECT ... FROM read_parquet(file). */
export async function readWithDuckDb(file: string, select = "*", rest = ""): Promise<DuckTable> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const source = `read_parquet('${file.replaceAll("'", "''")}', hive_partitioning = false)`;
    const reader = await connection.runAndReadAll(`SELECT ${select} FROM ${source} ${rest}`);
    const names = reader.columnNames();
    const types = Object.fromEntries(names.map((name, index) => [name, String(reader.columnType(index))]));
    return { types, rows: reader.getRowObjectsJS() };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Runs SQL, for instance `COPY (...) TO 'file' (FORMAT parquet)`. */
export async function runDuckDb(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await connection.run(sql);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
