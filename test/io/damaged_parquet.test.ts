// Files that are damaged, lie, or hold another shape: always a DataError that names the file, never a crash.
import { join } from "node:path";
import { type FileMetaData, parquetMetadata } from "hyparquet";
import { ByteWriter } from "hyparquet-writer";
import { writeMetadata } from "hyparquet-writer/src/metadata.js";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { FileStorage } from "../../src/io/file_storage.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import { openEmbeddingFile, readTable } from "../../src/io/parquet_read.ts";
import { checkRuns } from "../../src/io/parquet_runs.ts";
import { createParquetWriter } from "../../src/io/parquet_write.ts";
import { runDuckDb } from "./duckdb.ts";
import { collect, withFolder } from "./storages.ts";

async function goodFile(): Promise<Uint8Array> {
  const storage = new MemoryStorage();
  const columns = [
    { name: "id", type: "string" } as const,
    { name: "embedding", type: "embedding", dimension: 8 } as const,
  ];
  const writer = await createParquetWriter(storage, "x", columns, { rowGroupRows: 20 });
  const ids = Array.from({ length: 50 }, (_, index) => `id ${index % 5}`);
  await writer.writeRows({ id: ids, embedding: new Float32Array(400).map((_, index) => index) });
  await writer.close();
  return storage.read("x");
}

async function readAll(bytes: Uint8Array): Promise<number> {
  const storage = new MemoryStorage();
  await storage.write("bad.parquet", bytes);
  const file = await openEmbeddingFile(storage, "bad.parquet");
  const blocks = await collect(file.blocks());
  return blocks.reduce((rows, block) => rows + block.ids.length, 0);
}

test("cut off anywhere, a file is refused by name", async () => {
  const good = await goodFile();
  expect(await readAll(good)).toBe(50);
  for (let length = 0; length < good.length; length += 61) {
    const failure = await readAll(good.subarray(0, length)).catch((error: unknown) => error);
    expect(failure, `at ${length} bytes`).toBeInstanceOf(DataError);
    expect(String(failure)).toContain("bad.parquet");
  }
});

test("with any byte changed, a file is read or refused, never a crash", async () => {
  const good = await goodFile();
  for (let offset = 0; offset < good.length; offset += 7) {
    for (const flip of [0xff, 0x80, 0x01]) {
      const bytes = good.slice();
      bytes[offset]! ^= flip;
      const outcome = await readAll(bytes).catch((error: unknown) => error);
      if (typeof outcome !== "number") expect(outcome, `byte ${offset} ^ ${flip}`).toBeInstanceOf(DataError);
    }
  }
});

test("an absent file and an absent column are named, with what there is", async () => {
  const storage = new MemoryStorage();
  await expect(openEmbeddingFile(storage, "no.parquet")).rejects.toThrow(/no\.parquet/);
  await storage.write("x.parquet", await goodFile());
  await expect(openEmbeddingFile(storage, "x.parquet", { idField: "key" })).rejects.toThrow(
    /id, embedding\. .*--id-field/,
  );
  await expect(openEmbeddingFile(storage, "x.parquet", { embeddingField: "id" })).rejects.toThrow(
    /--embedding-field/,
  );
  await expect(readTable(storage, "x.parquet", ["nothing"])).rejects.toThrow(DataError);
});

describe("shapes that are no embeddings", () => {
  test.each(["[[1.0::FLOAT]]", "['a']", "{'x': 1.0::FLOAT, 'y': 2}", "1.5::FLOAT", "MAP {'a': 1.0::FLOAT}"])(
    "%s",
    (value) =>
      withFolder(async (folder) => {
        await runDuckDb(
          `COPY (SELECT 'a' AS id, ${value} AS embedding) TO '${join(folder, "x.parquet")}' (FORMAT parquet)`,
        );
        await expect(openEmbeddingFile(new FileStorage(folder), "x.parquet")).rejects.toThrow(DataError);
      }),
  );
});

/** The file with another footer: what `change` makes of its metadata. */
function withFooter(bytes: Uint8Array, change: (metadata: FileMetaData) => void): Uint8Array {
  const metadata = parquetMetadata(bytes);
  const writer = new ByteWriter();
  writer.appendBytes(bytes.subarray(0, bytes.length - 8 - metadata.metadata_length));
  change(metadata);
  writeMetadata(writer, metadata, Number.POSITIVE_INFINITY);
  writer.appendUint32(0x31524150);
  return writer.getBytes().slice();
}

describe("a footer that claims", () => {
  test("what is true is believed", async () => {
    expect(await readAll(withFooter(await goodFile(), () => undefined))).toBe(50);
  });

  test("gigabytes of values in a few bytes is refused before anything is decoded", async () => {
    const bomb = withFooter(await goodFile(), (metadata) => {
      for (const group of metadata.row_groups) group.columns[1]!.meta_data!.num_values = 2n ** 28n;
    });
    await expect(readAll(bomb)).rejects.toThrow(/would become 3221225472, more than 1000 times/);
  });

  /** The metadata of the first row group's embedding column. */
  const embedding = (metadata: FileMetaData) => metadata.row_groups[0]!.columns[1]!.meta_data!;
  const lies: Readonly<Record<string, (metadata: FileMetaData) => void>> = {
    "more rows than its row groups": (metadata) => {
      metadata.num_rows += 1n;
    },
    "more rows than it has embeddings": (metadata) => {
      metadata.num_rows += 1n;
      metadata.row_groups[0]!.num_rows += 1n;
    },
    "a column outside the file": (metadata) => {
      embedding(metadata).data_page_offset = 1n << 40n;
    },
    "a column of negative length": (metadata) => {
      embedding(metadata).total_compressed_size = -9n;
    },
    "more values than there are": (metadata) => {
      embedding(metadata).num_values += 1n;
    },
    "another codec": (metadata) => {
      embedding(metadata).codec = "ZSTD";
    },
    "a negative number of fields": ({ schema }) => {
      schema[2]!.num_children = -2;
    },
  };

  test.each(Object.entries(lies))("%s is refused", async (_name, change) => {
    await expect(readAll(withFooter(await goodFile(), change))).rejects.toThrow(DataError);
  });
});

describe("run lengths", () => {
  // A header of 1 + 2n begins n bit-packed groups of 8; one of 2n repeats a value n times.
  test.each([
    ["a repeat beyond the values", [18, 1], 8, false],
    ["a repeat of a thousand million", [0xfe, 0xff, 0xff, 0xff, 0x0f, 1], 8, false],
    ["too few values", [6, 1], 8, false],
    ["a header without an end", [0x80, 0x80], 8, true],
    ["thousands of bit-packed groups too many", [0xff, 0xff, 0x0f], 8, false],
  ])("%s are refused", (_name, bytes, valueCount, nullsLeftOut) => {
    const page = Uint8Array.from(bytes);
    expect(() => checkRuns(page, { start: 0, end: page.length }, 1, valueCount, nullsLeftOut)).toThrow(
      RangeError,
    );
  });

  test.each([
    ["a repeat", [16, 1], 8, false],
    ["a padded bit-packed group", [3, 0], 5, false],
    ["both", [6, 1, 3, 255], 11, false],
    ["fewer values than rows, where nulls are left out", [6, 1], 8, true],
  ])("%s are accepted", (_name, bytes, valueCount, nullsLeftOut) => {
    const page = Uint8Array.from(bytes);
    expect(() => checkRuns(page, { start: 0, end: page.length }, 1, valueCount, nullsLeftOut)).not.toThrow();
  });
});
