// WebDataset shards: what goes where, read back with tar-stream; the wids index of them.
import { extract } from "tar-stream";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { type Sample, type Shard, type ShardOptions, writeShards } from "../../src/export/shards.ts";
import { widsIndex, writeWidsIndex } from "../../src/export/wids_index.ts";
import { createMd5, md5Hex } from "../../src/io/digest.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import type { Storage } from "../../src/io/storage.ts";
import { bytesOf, pathsOf } from "../io/storages.ts";

function sample(key: string, sizeBytes = 100): Sample {
  const body = new Uint8Array(sizeBytes).fill(key.length);
  const json = bytesOf(JSON.stringify({ key }));
  const members = [
    { extension: "mp4", sizeBytes, read: () => piecesOf(body) },
    { extension: "json", sizeBytes: json.length, read: () => piecesOf(json) },
  ];
  return { key, members };
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function keysOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `sample-${index}`);
}

async function pack(
  storage: Storage,
  samples: readonly Sample[],
  options: Partial<ShardOptions> = {},
): Promise<Shard[]> {
  return writeShards(storage, samples, { createMd5, ...options });
}

async function memberNames(storage: Storage, path: string): Promise<string[]> {
  const names: string[] = [];
  const reader = extract();
  reader.end(await storage.read(path));
  for await (const entry of reader) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
}

describe("writeShards", () => {
  test("fills shards by number of samples, members of a sample side by side", async () => {
    const storage = new MemoryStorage();
    const placed: [string, string][] = [];
    const samples = keysOf(5).map((key) => sample(key));
    const shards = await pack(storage, samples, {
      folder: "wds",
      maxSamples: 2,
      onSample: ({ key }, path) => placed.push([key, path]),
    });
    expect(shards.map(({ path, sampleCount }) => [path, sampleCount])).toEqual([
      ["wds/00000.tar", 2],
      ["wds/00001.tar", 2],
      ["wds/00002.tar", 1],
    ]);
    expect(await memberNames(storage, "wds/00001.tar")).toEqual([
      "sample-2.mp4",
      "sample-2.json",
      "sample-3.mp4",
      "sample-3.json",
    ]);
    expect(placed[2]).toEqual(["sample-2", "wds/00001.tar"]);
    for (const shard of shards) {
      const bytes = await storage.read(shard.path);
      expect([shard.sizeBytes, shard.md5]).toEqual([bytes.length, md5Hex(bytes)]);
    }
  });

  test("fills shards by bytes, to the byte; a sample that is too large stands alone", async () => {
    const samples = [sample("a", 512), sample("b", 512), sample("large", 50_000), sample("c", 512)];
    // Two members of one block each take 4 blocks with their headers; two such samples and the end are 5120 bytes.
    const exact = await pack(new MemoryStorage(), samples, { maxBytes: 5120 });
    expect(exact.map((shard) => shard.sampleCount)).toEqual([2, 1, 1]);
    expect(exact[0]?.sizeBytes).toBe(5120);
    const tight = await pack(new MemoryStorage(), samples, { maxBytes: 5119 });
    expect(tight.map((shard) => shard.sampleCount)).toEqual([1, 1, 1, 1]);
  });

  test("the same samples give the same shards", async () => {
    const [first, second] = [new MemoryStorage(), new MemoryStorage()];
    const samples = keysOf(7).map((key, index) => sample(key, index * 700));
    expect(await pack(first, samples, { maxSamples: 3 })).toEqual(
      await pack(second, samples, { maxSamples: 3 }),
    );
    expect(await first.read("00001.tar")).toEqual(await second.read("00001.tar"));
  });

  test("no samples, no shards", async () => {
    const storage = new MemoryStorage();
    expect(await pack(storage, [])).toEqual([]);
    expect(await pathsOf(storage)).toEqual([]);
  });

  test("a failure leaves finished shards whole and nothing of the open one", async () => {
    const storage = new MemoryStorage();
    const good = keysOf(3).map((key) => sample(key));
    const bad: Sample = {
      key: "bad",
      members: [{ extension: "mp4", sizeBytes: 9, read: () => piecesOf(bytesOf("short")) }],
    };
    await expect(pack(storage, [...good, bad], { maxSamples: 2 })).rejects.toThrow(DataError);
    expect(await pathsOf(storage)).toEqual(["00000.tar"]);
    expect(await memberNames(storage, "00000.tar")).toHaveLength(4);
  });

  test.each(["", "a.b", "a/b", "../x", " a", "a\\b", "a\0"])("refuses the key %j", async (key) => {
    await expect(pack(new MemoryStorage(), [sample(key)])).rejects.toThrow(DataError);
  });

  test("refuses a repeated key, a repeated or unsafe extension, and a sample without members", async () => {
    const storage = new MemoryStorage();
    const [mp4] = sample("a").members;
    const withMembers = (...members: Sample["members"]): Promise<Shard[]> =>
      pack(storage, [{ key: "a", members }]);
    await expect(pack(storage, [sample("a"), sample("a")])).rejects.toThrow(/written before: a/);
    await expect(withMembers(mp4!, mp4!)).rejects.toThrow(DataError);
    await expect(withMembers({ ...mp4!, extension: "../x" })).rejects.toThrow(DataError);
    await expect(withMembers()).rejects.toThrow(DataError);
    expect(await pathsOf(storage)).toEqual([]);
  });
});

describe("wids index", () => {
  test("has the wids-shard-index-v1 form, with URLs relative to itself", async () => {
    const storage = new MemoryStorage();
    const samples = keysOf(3).map((key) => sample(key));
    const shards = await pack(storage, samples, { folder: "wds", maxSamples: 2 });
    expect(await writeWidsIndex(storage, "wds", shards)).toBe("wds/index.json");
    const written: unknown = JSON.parse(new TextDecoder().decode(await storage.read("wds/index.json")));
    expect(written).toEqual({
      __kind__: "wids-shard-index-v1",
      wids_version: 1,
      shardlist: [
        { url: "00000.tar", md5sum: shards[0]?.md5, nsamples: 2, filesize: shards[0]?.sizeBytes },
        { url: "00001.tar", md5sum: shards[1]?.md5, nsamples: 1, filesize: shards[1]?.sizeBytes },
      ],
    });
  });

  test("of no shards is an empty list", () => {
    expect(widsIndex([]).shardlist).toEqual([]);
  });
});
