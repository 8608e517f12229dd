import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { readTable } from "../../src/io/parquet_read.ts";
import { writeTable } from "../../src/io/parquet_write.ts";
import type { Storage } from "../../src/io/storage.ts";
import { LocalExecutor } from "../../src/pipeline/local_executor.ts";
import { ExportStage } from "../../src/stages/export.ts";
import { SplitStage } from "../../src/stages/split.ts";
import { pathsOf, textOf } from "../io/storages.ts";
import { type World, world } from "./fakes.ts";

/** A world in which one video was split into this many clips. */
async function withClips(
  count: number,
): Promise<World & { readonly ids: readonly string[]; readonly out: Storage }> {
  const made = world();
  await made.storage("videos").write("a.mp4", `${count * 20} 10`);
  const split = new SplitStage({ videoDir: "videos", outputPath: "out", splitDurationSeconds: 2 });
  await new LocalExecutor().run([split], made.context);
  const out = made.storage("out");
  const ids = (await pathsOf(out, "clips")).map((path) => path.slice("clips/".length, -".mp4".length));
  return { ...made, ids, out };
}

async function pack({ context }: World, samplesPerShard = 10_000): Promise<string> {
  const stage = new ExportStage({ outputPath: "out", samplesPerShard });
  const [result] = await new LocalExecutor().run([stage], context);
  return result!.units[0]!.status;
}

const keep = (out: Storage, ids: readonly string[]): Promise<unknown> =>
  writeTable(out, "semantic_dedup/kept/kept.parquet", [{ name: "id", type: "string" }], { id: ids });

describe("ExportStage", () => {
  test("a smaller export leaves no shard of a larger one", async () => {
    const made = await withClips(5);
    await pack(made, 1);
    expect((await pathsOf(made.out, "wds")).filter((path) => path.endsWith(".tar"))).toHaveLength(5);
    await keep(made.out, made.ids.slice(0, 3));
    await pack(made, 2);
    expect(await pathsOf(made.out, "wds")).toEqual([
      "wds/00000.tar",
      "wds/00001.tar",
      "wds/index.json",
      "wds/index.parquet",
    ]);
    const { shardlist } = JSON.parse(await textOf(made.out, "wds/index.json")) as {
      shardlist: { nsamples: number }[];
    };
    expect(shardlist.map(({ nsamples }) => nsamples)).toEqual([2, 1]);
    const { id } = await readTable(made.out, "wds/index.parquet", ["id"]);
    expect(id).toEqual(made.ids.slice(0, 3));
  });

  test("is not repeated while clips and keep list are the same", async () => {
    const made = await withClips(2);
    expect([await pack(made), await pack(made)]).toEqual(["done", "resumed"]);
    await keep(made.out, made.ids.slice(1));
    expect(await pack(made)).toBe("done");
  });

  test("says so when clips are unknown to the keep list", async () => {
    const made = await withClips(3);
    await keep(made.out, made.ids.slice(1));
    await pack(made);
    expect(made.warnings).toEqual([expect.stringMatching(/^1 clips are left out/)]);
  });

  test("refuses a folder without clips", async () => {
    await expect(pack(world())).rejects.toThrow(UsageError);
  });
});
