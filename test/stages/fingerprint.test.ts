import { describe, expect, test } from "vitest";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import { digestSamples, digestTables } from "../../src/stages/fingerprint.ts";

const sizeBytes = 20 * 1024 * 1024 + 7;

async function stored(change: number | null, path = "a.parquet") {
  const storage = new MemoryStorage();
  const bytes = new Uint8Array(sizeBytes);
  if (change !== null) bytes[change] = 1;
  await storage.write(path, bytes);
  return { storage, object: (await storage.stat(path))! };
}

async function tableDigest(change: number | null, path?: string): Promise<string> {
  const { storage, object } = await stored(change, path);
  return await digestTables(storage, [object]);
}

async function videoDigest(change: number | null, path?: string): Promise<string> {
  const { storage, object } = await stored(change, path);
  return await digestSamples(storage, object);
}

describe("digestTables()", () => {
  test.each([0, 100_000, 8 * 1024 * 1024 - 1, 8 * 1024 * 1024, sizeBytes - 1])(
    "notices one byte changed in place: byte %i",
    async (change) => {
      expect(await tableDigest(change)).not.toBe(await tableDigest(null));
    },
  );

  test("depends on paths, and on nothing but paths and content", async () => {
    expect(await tableDigest(null, "b.parquet")).not.toBe(await tableDigest(null));
    expect(await tableDigest(5)).toBe(await tableDigest(5));
  });
});

describe("digestSamples()", () => {
  test("notices another head or tail, and nothing of the name", async () => {
    expect(await videoDigest(0)).not.toBe(await videoDigest(null));
    expect(await videoDigest(sizeBytes - 1)).not.toBe(await videoDigest(null));
    expect(await videoDigest(null, "b.mp4")).toBe(await videoDigest(null));
  });
});
