// Rows that cannot be used are set aside and counted, one reason each; the others are untouched. The same rows are
// read from Parquet (written by DuckDB) and from JSON lines.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BlockOptions, EmbeddingFile, EmbeddingFileOptions } from "../../src/io/embedding_blocks.ts";
import { FileStorage } from "../../src/io/file_storage.ts";
import { openJsonlEmbeddings } from "../../src/io/jsonl_read.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import { openEmbeddingFile } from "../../src/io/parquet_read.ts";
import { runDuckDb } from "./duckdb.ts";
import { collect, withFolder } from "./storages.ts";

const PARQUET_ROWS = `VALUES
  ('null', NULL), ('empty', []), ('nan', ['NaN'::FLOAT, 1]), ('a', [1, 2]), ('inf', [1, 'Infinity'::FLOAT]),
  ('short', [1]), (NULL, [3, 4]), ('b', [5, 6]), ('hole', [NULL, 1]), ('long', [1, 2, 3]), ('', [7, 8]), ('b', [0, 0])`;
const JSON_LINES = `{"id":"null","embedding":null}
{"id":"empty","embedding":[]}
{"id":"nan","embedding":[NaN,1]}
{"id":"a","embedding":[1,2]}
{"id":"inf","embedding":[1,Infinity]}

{"id":"short","embedding":[1]}
{"id":null,"embedding":[3,4]}
{"id":"b","embedding":[5,6]}\r
{"id":"hole","embedding":[null,1]}
{"id":"long","embedding":[1,2,3]}
{"id":"","embedding":[7,8]}
{"id":"b","embedding":[0,0]}`;
const REJECTED = [
  ["null-embedding", "null"],
  ["empty-embedding", "empty"],
  ["not-finite", "nan"],
  ["not-finite", "inf"],
  ["wrong-length", "short"],
  ["null-id", null],
  ["not-finite", "hole"],
  ["wrong-length", "long"],
];

type OpenTable = (
  body: (open: (options?: EmbeddingFileOptions) => Promise<EmbeddingFile>) => Promise<void>,
) => Promise<void>;
const TABLES: readonly (readonly [name: string, use: OpenTable])[] = [
  [
    "Parquet",
    (body) =>
      withFolder(async (folder) => {
        await runDuckDb(
          `COPY (SELECT col0 AS id, col1::FLOAT[] AS embedding FROM (${PARQUET_ROWS})) TO '${join(folder, "e.parquet")}'`,
        );
        await body((options) => openEmbeddingFile(new FileStorage(folder), "e.parquet", options));
      }),
  ],
  [
    "JSON lines",
    async (body) => {
      const storage = new MemoryStorage();
      await storage.write("e.jsonl", JSON_LINES);
      await body((options) => openJsonlEmbeddings(storage, "e.jsonl", options));
    },
  ],
];

describe.each(TABLES)("%s", (_name, use) => {
  test.each([1, 2, 5, 100])(
    "in blocks of %i rows, unusable rows are set aside with their reason",
    (blockRows) =>
      use(async (open) => {
        const rejected: unknown[] = [];
        const options: BlockOptions = {
          blockRows,
          onRowRejected: (reason, id) => rejected.push([reason, id]),
        };
        const file = await open();
        const blocks = await collect(file.blocks(options));
        expect(file.dimension).toBe(2);
        expect(blocks.flatMap((block) => block.ids)).toEqual(["a", "b", "", "b"]);
        expect(blocks.flatMap((block) => [...block.rows])).toEqual([1, 2, 5, 6, 7, 8, 0, 0]);
        expect(blocks.every((block) => block.ids.length > 0 && block.ids.length <= blockRows)).toBe(true);
        expect(rejected).toEqual(REJECTED);
      }),
  );

  test("the caller's dimension goes before that of the first row", () =>
    use(async (open) => {
      const file = await open({ dimension: 3 });
      expect(file.dimension).toBe(3);
      expect((await collect(file.blocks())).flatMap((block) => block.ids)).toEqual(["long"]);
    }));
});
