// JSON lines: what row_policy.test.ts does not cover.
import { expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { openJsonlEmbeddings } from "../../src/io/jsonl_read.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import { collect } from "./storages.ts";

async function open(text: string) {
  const storage = new MemoryStorage();
  await storage.write("e.jsonl", text);
  return openJsonlEmbeddings(storage, "e.jsonl");
}

test("extra fields, integer ids, texts with NaN in them, and a file longer than one read", async () => {
  const padding = "x".repeat(1_000_000);
  const lines = Array.from({ length: 9 }, (_, index) =>
    JSON.stringify({ id: index, embedding: [index, 1], note: "NaN", padding }),
  );
  const file = await open(`${lines.join("\n")}\n{"id":"NaN","embedding":[NaN,1]}\n`);
  const rejected: unknown[] = [];
  const blocks = await collect(
    file.blocks({ columns: ["note", "none"], onRowRejected: (...row) => rejected.push(row) }),
  );
  expect(blocks.flatMap((block) => block.ids)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
  expect(blocks[0]?.columns.note).toEqual(Array(9).fill("NaN"));
  expect(blocks[0]?.columns.none).toEqual(Array(9).fill(null));
  expect(rejected).toEqual([["not-finite", "NaN"]]);
});

test("an empty file holds no rows", async () => {
  const file = await open("");
  expect(file.dimension).toBeUndefined();
  expect(await collect(file.blocks())).toEqual([]);
});

test.each([
  ["{oops", /line 2/],
  ["[1,2]", /not a JSON object/],
  ['{"id":"a"}', /--embedding-field/],
  ['{"id":"a","embedding":"1,2"}', /--embedding-field/],
  ['{"id":1.5,"embedding":[1]}', /Write ids as strings/],
  ['{"id":9007199254740993,"embedding":[1]}', /Write ids as strings/],
])("the line %s is refused by number", async (line, message) => {
  const read = async (): Promise<unknown> =>
    collect((await open(`{"id":"a","embedding":[1]}\n${line}`)).blocks());
  await expect(read()).rejects.toThrow(DataError);
  await expect(read()).rejects.toThrow(message);
  await expect(read()).rejects.toThrow("line 2");
});
