// Levels from run lengths against levels one by one, and tables whose lists are anything but regular.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileStorage } from "../../src/io/file_storage.ts";
import { allLevelsAre, decodeLevels, type LevelRuns, zeroPositions } from "../../src/io/parquet_levels.ts";
import { openEmbeddingFile } from "../../src/io/parquet_read.ts";
import { readWithDuckDb, runDuckDb } from "./duckdb.ts";
import { collect, withFolder } from "./storages.ts";

/** Levels as a writer would put them: runs of 8 and more as repeats, the rest bit-packed in groups of 8. */
function encode(levels: readonly number[], bitWidth: number): LevelRuns {
  const bytes: number[] = [];
  const isRepeat = (start: number): boolean =>
    start + 8 <= levels.length && levels.slice(start, start + 8).every((level) => level === levels[start]);
  for (let start = 0; start < levels.length; ) {
    if (isRepeat(start)) {
      let end = start + 8;
      while (end < levels.length && levels[end] === levels[start]) end++;
      bytes.push((((end - start) << 1) & 127) | 128, (end - start) >> 6, levels[start]!);
      start = end;
    } else {
      bytes.push(3);
      let bits = 0;
      for (let index = 0; index < 8; index++) bits += (levels[start + index] ?? 1) * 2 ** (index * bitWidth);
      for (let byte = 0; byte < bitWidth; byte++) bytes.push(Math.floor(bits / 256 ** byte) % 256);
      start += 8;
    }
  }
  const page = Uint8Array.from([9, 9, ...bytes, 9]);
  return { page, range: { start: 2, end: page.length - 1 }, bitWidth, valueCount: levels.length };
}

const rows = (length: number, count: number): number[] =>
  Array.from({ length: length * count }, (_, index) => (index % length === 0 ? 0 : 1));

describe("levels", () => {
  test.each([
    ["one value", [1], 1],
    ["regular lists", rows(512, 5), 1],
    ["short lists", rows(3, 100), 1],
    ["lists of one", rows(1, 50), 1],
    ["two bits", Array.from({ length: 1001 }, (_, index) => (index * index) % 4), 2],
    ["three bits", Array.from({ length: 37 }, (_, index) => (index * 5) % 8), 3],
    ["a long run, then others", [...new Array<number>(700).fill(3), 1, 2, 3, 0], 2],
  ])("%s are decoded as they were", (_name, levels, bitWidth) => {
    const runs = encode(levels, bitWidth);
    expect([...decodeLevels(runs)]).toEqual(levels);
    const largest = 2 ** bitWidth - 1;
    expect(allLevelsAre(runs, largest)).toBe(levels.every((level) => level === largest));
    if (bitWidth === 1) {
      expect(zeroPositions(runs)).toEqual(levels.flatMap((level, index) => (level === 0 ? [index] : [])));
    }
  });

  test("that are all equal are known for it, bit-packed or repeated, whatever pads them", () => {
    expect(allLevelsAre(encode(new Array<number>(5).fill(3), 2), 3)).toBe(true);
    expect(allLevelsAre(encode(new Array<number>(1000).fill(3), 2), 3)).toBe(true);
    expect(allLevelsAre(encode([...new Array<number>(1000).fill(3), 2], 2), 3)).toBe(false);
  });

  test("whose last run goes on past their end are refused", () => {
    const page = Uint8Array.from([5, 255]);
    const runs = { page, range: { start: 0, end: 2 }, bitWidth: 1, valueCount: 16 };
    expect(() => decodeLevels(runs)).toThrow(RangeError);
  });
});

describe("tables of many pages", () => {
  const tables: readonly (readonly [name: string, embedding: string, options: string])[] = [
    ["float64", "[sin(i * 300 + j)::DOUBLE FOR j IN range(300)]", "COMPRESSION snappy"],
    ["fixed-size lists", "[sin(i * 300 + j)::FLOAT FOR j IN range(300)]::FLOAT[300]", "COMPRESSION zstd"],
    ["few values, as a dictionary", "[((i + j) % 7)::FLOAT FOR j IN range(300)]", "COMPRESSION snappy"],
    ["version 2", "[sin(i * 300 + j)::FLOAT FOR j IN range(300)]", "PARQUET_VERSION v2"],
  ];

  test.each(tables)("%s", (_name, embedding, options) =>
    withFolder(async (folder) => {
      const file = join(folder, "e.parquet");
      await runDuckDb(
        `COPY (SELECT i AS id, ${embedding} AS embedding FROM range(3000) t(i)) TO '${file}' (FORMAT parquet, ${options})`,
      );
      const opened = await openEmbeddingFile(new FileStorage(folder), "e.parquet");
      const blocks = await collect(opened.blocks({ blockRows: 1100 }));
      expect(blocks.map(({ ids }) => ids.length)).toEqual([1100, 1100, 800]);
      const { rows: expected } = await readWithDuckDb(file, "embedding::FLOAT[] AS embedding");
      expect(Float32Array.from(blocks.flatMap((block) => [...block.rows]))).toEqual(
        Float32Array.from(expected.flatMap((row) => row.embedding as number[])),
      );
    }),
  );

  test("nulls, empty lists and lists of other lengths among regular ones are set aside alone", () =>
    withFolder(async (folder) => {
      const file = join(folder, "e.parquet");
      const odd =
        "CASE i % 500 WHEN 3 THEN NULL WHEN 4 THEN [] WHEN 5 THEN [1.0::FLOAT] WHEN 6 THEN [NULL, 1.0::FLOAT] " +
        "ELSE [sin(i * 64 + j)::FLOAT FOR j IN range(64)] END";
      await runDuckDb(
        `COPY (SELECT i AS id, ${odd} AS embedding FROM range(20000) t(i)) TO '${file}' (FORMAT parquet)`,
      );
      const rejected = new Map<string, number>();
      const opened = await openEmbeddingFile(new FileStorage(folder), "e.parquet");
      const blocks = await collect(
        opened.blocks({ onRowRejected: (reason) => rejected.set(reason, (rejected.get(reason) ?? 0) + 1) }),
      );
      expect(Object.fromEntries(rejected)).toEqual({
        "null-embedding": 40,
        "empty-embedding": 40,
        "wrong-length": 40,
        "not-finite": 40,
      });
      const ids = blocks.flatMap((block) => block.ids);
      const expected = await readWithDuckDb(file, "id, embedding", "WHERE len(embedding) = 64 ORDER BY id");
      expect(ids).toEqual(expected.rows.map((row) => String(row.id)));
      const values = blocks.flatMap((block) => [...block.rows]);
      expect(Float32Array.from(values)).toEqual(
        Float32Array.from(expected.rows.flatMap((row) => row.embedding as number[])),
      );
    }));
});
