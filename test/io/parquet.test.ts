// Parquet written here, read here and by DuckDB; Parquet written by DuckDB, read here.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { FileStorage } from "../../src/io/file_storage.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import type { ColumnSpec } from "../../src/io/parquet_columns.ts";
import { openEmbeddingFile, readTable } from "../../src/io/parquet_read.ts";
import { createParquetWriter, writeTable } from "../../src/io/parquet_write.ts";
import type { Storage } from "../../src/io/storage.ts";
import { readWithDuckDb, runDuckDb } from "./duckdb.ts";
import { collect, pathsOf, withFolder } from "./storages.ts";

function embeddingColumns(dimension: number): ColumnSpec[] {
  return [
    { name: "id", type: "string" },
    { name: "embedding", type: "embedding", dimension },
  ];
}

/** Values that use every bit of a float32, zeros of both signs and subnormals among them. */
function floats(count: number): Float32Array {
  const values = Float32Array.from({ length: count }, (_, index) =>
    Math.fround(Math.sin(index * 12.9898) * 43758.5453),
  );
  values.set([0, -0, 1.401298464324817e-45, 3.4028234663852886e38].slice(0, count));
  return values;
}

function idsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `clip-${index}-ü`);
}

async function writeEmbeddings(
  storage: Storage,
  rowCount: number,
  dimension: number,
  rowGroupRows = 100,
): Promise<Float32Array> {
  const rows = floats(rowCount * dimension);
  const writer = await createParquetWriter(storage, "e.parquet", embeddingColumns(dimension), {
    rowGroupRows,
  });
  // Batches that do not fit the row groups, so that each is cut at another place.
  for (let start = 0; start < rowCount; start += 37) {
    const end = Math.min(rowCount, start + 37);
    await writer.writeRows({
      id: idsOf(rowCount).slice(start, end),
      embedding: rows.subarray(start * dimension, end * dimension),
    });
  }
  await writer.close();
  return rows;
}

async function readEmbeddings(
  storage: Storage,
  blockRows?: number,
): Promise<{ ids: string[]; rows: number[]; blocks: number[] }> {
  const file = await openEmbeddingFile(storage, "e.parquet");
  const blocks = await collect(file.blocks(blockRows === undefined ? {} : { blockRows }));
  return {
    ids: blocks.flatMap((block) => block.ids),
    rows: blocks.flatMap((block) => [...block.rows]),
    blocks: blocks.map((block) => block.ids.length),
  };
}

describe("embeddings written and read back", () => {
  test.each([
    [0, 8],
    [1, 1],
    [1, 512],
    [99, 3],
    [100, 3],
    [101, 3],
    [250, 64],
  ])("%i rows of %i dimensions are equal bit for bit", async (rowCount, dimension) => {
    const storage = new MemoryStorage();
    const rows = await writeEmbeddings(storage, rowCount, dimension);
    const file = await openEmbeddingFile(storage, "e.parquet");
    expect(file.rowCount).toBe(rowCount);
    expect(file.dimension).toBe(rowCount === 0 ? undefined : dimension);
    const read = await readEmbeddings(storage);
    expect(read.ids).toEqual(idsOf(rowCount));
    expect(new Uint32Array(Float32Array.from(read.rows).buffer)).toEqual(new Uint32Array(rows.buffer));
  });

  test("blocks are cut by rows of the file, across row groups and pages", async () => {
    const storage = new MemoryStorage();
    // 1 MiB pages hold 512 of these rows, so that blocks, pages and row groups all end at different rows.
    const rows = await writeEmbeddings(storage, 1300, 512, 1100);
    const read = await readEmbeddings(storage, 300);
    expect(read.blocks).toEqual([300, 300, 300, 300, 100]);
    expect(read.ids).toEqual(idsOf(1300));
    expect(Float32Array.from(read.rows)).toEqual(rows);
  });

  test("a file may be read more than once", async () => {
    const storage = new MemoryStorage();
    await writeEmbeddings(storage, 10, 4);
    const file = await openEmbeddingFile(storage, "e.parquet");
    const [first, second] = [await collect(file.blocks()), await collect(file.blocks())];
    expect(second).toEqual(first);
  });

  test.each([0, 1, 250])("DuckDB reads %i rows with the exact schema and values", (rowCount) =>
    withFolder(async (folder) => {
      const rows = await writeEmbeddings(new FileStorage(folder), rowCount, 16);
      const table = await readWithDuckDb(join(folder, "e.parquet"));
      expect(table.types).toEqual({ id: "VARCHAR", embedding: "FLOAT[]" });
      expect(table.rows.map((row) => row.id)).toEqual(idsOf(rowCount));
      expect(Float32Array.from(table.rows.flatMap((row) => row.embedding as number[]))).toEqual(rows);
    }),
  );
});

describe("tables of single values", () => {
  const columns: readonly ColumnSpec[] = [
    { name: "text", type: "string" },
    { name: "f32", type: "float32" },
    { name: "f64", type: "float64" },
    { name: "i32", type: "int32" },
    { name: "i64", type: "int64" },
    { name: "flag", type: "bool" },
  ];
  const values = {
    text: ["a", null, "ü\u{1F600}", ""],
    f32: [1.5, null, -0, Number.NaN],
    f64: [0.1, 1e300, null, -1],
    i32: [-(2 ** 31), 2 ** 31 - 1, null, 0],
    i64: [-(2n ** 63n), 2 ** 53 - 1, null, 7n],
    flag: [true, false, null, true],
  };

  test("come back as they were, integers of 64 bits as bigint", async () => {
    const storage = new MemoryStorage();
    await writeTable(storage, "t.parquet", columns, values);
    const table = await readTable(storage, "t.parquet");
    expect(table).toEqual({ ...values, i64: [-(2n ** 63n), 2n ** 53n - 1n, null, 7n] });
    expect(Object.keys(await readTable(storage, "t.parquet", ["i32", "text"]))).toEqual(["i32", "text"]);
  });

  test("have the types that DuckDB is to see", () =>
    withFolder(async (folder) => {
      await writeTable(new FileStorage(folder), "t.parquet", columns, values);
      const { types, rows } = await readWithDuckDb(join(folder, "t.parquet"));
      expect(types).toEqual({
        text: "VARCHAR",
        f32: "FLOAT",
        f64: "DOUBLE",
        i32: "INTEGER",
        i64: "BIGINT",
        flag: "BOOLEAN",
      });
      expect(rows[1]).toEqual({
        text: null,
        f32: null,
        f64: 1e300,
        i32: 2 ** 31 - 1,
        i64: 9007199254740991n,
        flag: false,
      });
    }));

  test("leave out list columns unless these are asked for by name", async () => {
    const storage = new MemoryStorage();
    await writeEmbeddings(storage, 3, 2);
    expect(await readTable(storage, "e.parquet")).toEqual({ id: idsOf(3) });
    await expect(readTable(storage, "e.parquet", ["embedding"])).rejects.toThrow(DataError);
  });

  test.each([
    ["i32", [2 ** 31]],
    ["i32", [1.5]],
    ["i64", [0.5]],
    ["text", [1]],
    ["flag", ["yes"]],
    ["f32", ["1"]],
  ])("refuse %s values %j", async (name, bad) => {
    const storage = new MemoryStorage();
    const spec = columns.filter((column) => column.name === name);
    await expect(writeTable(storage, "t.parquet", spec, { [name]: bad })).rejects.toThrow(DataError);
    expect(await pathsOf(storage)).toEqual([]);
  });

  test("refuse columns of different lengths and missing columns", async () => {
    const writer = await createParquetWriter(new MemoryStorage(), "t.parquet", embeddingColumns(2));
    await expect(writer.writeRows({ id: ["a"], embedding: new Float32Array(3) })).rejects.toThrow(DataError);
    await expect(writer.writeRows({ id: ["a"] })).rejects.toThrow(/column is missing: embedding/);
    expect(writer.rowCount).toBe(0);
  });
});

test("nothing is visible before close, nor after abort", async () => {
  const storage = new MemoryStorage();
  const writer = await createParquetWriter(storage, "e.parquet", embeddingColumns(2), { rowGroupRows: 1 });
  await writer.writeRows({ id: ["a", "b"], embedding: new Float32Array(4) });
  expect(await pathsOf(storage)).toEqual([]);
  await writer.abort();
  expect(await pathsOf(storage)).toEqual([]);
});

describe("embeddings that others wrote", () => {
  const copies: readonly (readonly [name: string, options: string])[] = [
    ["snappy", "COMPRESSION snappy"],
    ["gzip", "COMPRESSION gzip"],
    ["zstd", "COMPRESSION zstd"],
    ["brotli", "COMPRESSION brotli"],
    ["lz4_raw", "COMPRESSION lz4_raw"],
    ["uncompressed", "COMPRESSION uncompressed"],
    ["version 2 pages", "PARQUET_VERSION v2"],
    ["small row groups", "ROW_GROUP_SIZE 2048"],
  ];

  test.each(copies)("%s", (_name, options) =>
    withFolder(async (folder) => {
      const file = join(folder, "e.parquet");
      const rows =
        "SELECT 'id-' || i AS id, [sin(i * 16 + j)::FLOAT FOR j IN range(16)] AS embedding FROM range(5000) t(i)";
      await runDuckDb(`COPY (${rows}) TO '${file}' (FORMAT parquet, ${options})`);
      const read = await readEmbeddings(new FileStorage(folder));
      const expected = await readWithDuckDb(file);
      expect(read.ids).toEqual(expected.rows.map((row) => row.id));
      expect(Float32Array.from(read.rows)).toEqual(
        Float32Array.from(expected.rows.flatMap((row) => row.embedding as number[])),
      );
    }),
  );

  test("float64 rows, fixed-size lists, integer ids and columns of other names", () =>
    withFolder(async (folder) => {
      const file = join(folder, "other.parquet");
      const rows =
        "SELECT i + 9007199254740993 AS key, [i, 0.1]::DOUBLE[2] AS vector, i * 2 AS width FROM range(3) t(i)";
      await runDuckDb(`COPY (${rows}) TO '${file}' (FORMAT parquet)`);
      const options = { idField: "key", embeddingField: "vector" };
      const opened = await openEmbeddingFile(new FileStorage(folder), "other.parquet", options);
      const [block] = await collect(opened.blocks({ columns: ["width"] }));
      expect(block?.ids).toEqual(["9007199254740993", "9007199254740994", "9007199254740995"]);
      expect(block?.rows).toEqual(Float32Array.of(0, 0.1, 1, 0.1, 2, 0.1));
      expect(block?.columns).toEqual({ width: [0n, 2n, 4n] });
    }));
});
