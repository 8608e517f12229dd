// The Parquet index of kept clips, read by DuckDB.
import { join } from "node:path";
import { expect, test } from "vitest";
import { type KeptClip, writeParquetIndex } from "../../src/export/parquet_index.ts";
import { FileStorage } from "../../src/io/file_storage.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import { readWithDuckDb } from "../io/duckdb.ts";
import { pathsOf, withFolder } from "../io/storages.ts";

const CLIP: KeptClip = {
  id: "4baa6139-32a3-555a-a194-1726a40b3af9",
  sourceVideo: "dir/vidéo.mp4",
  startSeconds: 0,
  endSeconds: 10.01,
  width: 1920,
  height: 1080,
  frameRate: 29.97,
  frameCount: 300,
  durationSeconds: 10.01,
  clipPath: "clips/4baa6139-32a3-555a-a194-1726a40b3af9.mp4",
  shard: "wds/00000.tar",
};
const TYPES = {
  id: "VARCHAR",
  source_video: "VARCHAR",
  start_seconds: "DOUBLE",
  end_seconds: "DOUBLE",
  width: "INTEGER",
  height: "INTEGER",
  frame_rate: "DOUBLE",
  frame_count: "BIGINT",
  duration_seconds: "DOUBLE",
  clip_path: "VARCHAR",
  shard: "VARCHAR",
};

test("has a typed row per clip, nulls where nothing is known", () =>
  withFolder(async (folder) => {
    const unknown = { width: null, height: null, frameRate: null, frameCount: null, durationSeconds: null };
    const clips = [CLIP, { ...CLIP, id: "b", ...unknown, clipPath: null, shard: null }];
    expect(await writeParquetIndex(new FileStorage(folder), "index.parquet", clips)).toBe(2);
    const { types, rows } = await readWithDuckDb(join(folder, "index.parquet"));
    expect(types).toEqual(TYPES);
    expect(rows[0]).toMatchObject({
      source_video: "dir/vidéo.mp4",
      end_seconds: 10.01,
      width: 1920,
      frame_count: 300n,
    });
    expect(rows[1]).toMatchObject({
      id: "b",
      width: null,
      frame_count: null,
      frame_rate: null,
      clip_path: null,
      shard: null,
    });
  }));

test.each([0, 4096, 10_000])("of %i clips has as many rows, in their order", (count) =>
  withFolder(async (folder) => {
    async function* clips(): AsyncGenerator<KeptClip> {
      for (let index = 0; index < count; index++) yield { ...CLIP, id: `clip-${index}` };
    }
    expect(await writeParquetIndex(new FileStorage(folder), "index.parquet", clips())).toBe(count);
    const { types, rows } = await readWithDuckDb(join(folder, "index.parquet"), "*", "LIMIT 20000");
    expect(types).toEqual(TYPES);
    expect(rows.map((row) => row.id)).toEqual(Array.from({ length: count }, (_, index) => `clip-${index}`));
  }),
);

test("a source of clips that fails leaves no file", async () => {
  const storage = new MemoryStorage();
  async function* failing(): AsyncGenerator<KeptClip> {
    yield CLIP;
    throw new Error("source failed");
  }
  await expect(writeParquetIndex(storage, "index.parquet", failing())).rejects.toThrow("source failed");
  expect(await pathsOf(storage)).toEqual([]);
});
