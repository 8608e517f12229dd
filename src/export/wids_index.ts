// The index that `wids` and `webdataset` read for random access and for the length of a dataset: wids-shard-index-v1
// (https://github.com/webdataset/webdataset, wids/wids_specs.py). URLs are relative to the index itself.
import type { Storage } from "../io/storage.ts";
import type { Shard } from "./shards.ts";

export interface WidsIndex {
  readonly __kind__: "wids-shard-index-v1";
  readonly wids_version: 1;
  readonly shardlist: readonly {
    readonly url: string;
    readonly md5sum: string;
    readonly nsamples: number;
    readonly filesize: number;
  }[];
}

/** The index of shards that lie in the same folder as the index. */
export function widsIndex(shards: readonly Shard[]): WidsIndex {
  return {
    __kind__: "wids-shard-index-v1",
    wids_version: 1,
    shardlist: shards.map((shard) => ({
      url: shard.path.slice(shard.path.lastIndexOf("/") + 1),
      md5sum: shard.md5,
      nsamples: shard.sampleCount,
      filesize: shard.sizeBytes,
    })),
  };
}

/** Writes `index.json` into the folder of the shards; resolves to its path. */
export async function writeWidsIndex(
  storage: Storage,
  folder: string,
  shards: readonly Shard[],
): Promise<string> {
  const path = folder === "" ? "index.json" : `${folder}/index.json`;
  await storage.write(path, `${JSON.stringify(widsIndex(shards), null, 2)}\n`);
  return path;
}
