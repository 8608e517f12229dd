// Packs samples into WebDataset shards: plain tar files in which the members of a sample stand next to each other and
// share a key (https://github.com/webdataset/webdataset#the-webdataset-format).
// The trap: a reader takes everything up to the first dot of a name as the key, so a key may hold no dot and no slash.
import { DataError } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import { createTarWriter, type TarDigest, type TarWriter, tarMemberBytes } from "../io/tar_write.ts";

export interface SampleMember {
  /** Without the dot: "mp4", "json". */
  readonly extension: string;
  readonly sizeBytes: number;
  /** Yields exactly `sizeBytes` bytes. */
  read(): AsyncIterable<Uint8Array>;
}

export interface Sample {
  readonly key: string;
  readonly members: readonly SampleMember[];
}

/** A finished shard. */
export interface Shard {
  readonly path: string;
  readonly sampleCount: number;
  readonly sizeBytes: number;
  readonly md5: string;
}

export interface ShardOptions {
  /** Folder for the shards; default "", the storage's root. */
  readonly folder?: string;
  /** Samples per shard at most; default 10000. */
  readonly maxSamples?: number;
  /** Bytes per shard at most; default 1 GiB. A sample larger than that has a shard of its own. */
  readonly maxBytes?: number;
  /** Makes the digest of a shard; `createMd5` of io/digest.ts where there is node:crypto. */
  readonly createMd5: () => TarDigest;
  /** Called for each sample with the shard that will hold it. */
  readonly onSample?: (sample: Sample, shardPath: string) => void;
}

const END_OF_ARCHIVE_BYTES = 1024;

/**
 * Writes samples in the order given into `00000.tar`, `00001.tar`, ... Each shard becomes visible whole.
 * No samples, no shards.
 * @throws DataError for a key that is repeated or that a reader would split, and for a member of another size than said.
 */
export async function writeShards(
  storage: Storage,
  samples: AsyncIterable<Sample> | Iterable<Sample>,
  options: ShardOptions,
): Promise<Shard[]> {
  const { folder = "", maxSamples = 10_000, maxBytes = 2 ** 30, createMd5, onSample } = options;
  const shards: Shard[] = [];
  const keys = new Set<string>();
  let open: OpenShard | undefined;
  try {
    for await (const sample of samples) {
      checkSample(sample, keys);
      const sampleBytes = sample.members.reduce((sum, member) => sum + tarMemberBytes(member.sizeBytes), 0);
      if (
        open !== undefined &&
        (open.sampleCount >= maxSamples || open.plannedBytes + sampleBytes > maxBytes)
      ) {
        shards.push(await closeShard(open));
        open = undefined;
      }
      open ??= await openShard(storage, shardPath(folder, shards.length), createMd5);
      onSample?.(sample, open.path);
      for (const member of sample.members) {
        await open.tar.add({
          name: `${sample.key}.${member.extension}`,
          sizeBytes: member.sizeBytes,
          read: () => member.read(),
        });
      }
      open.sampleCount++;
      open.plannedBytes += sampleBytes;
    }
    if (open !== undefined) shards.push(await closeShard(open));
  } catch (error) {
    await open?.tar.abort();
    throw error;
  }
  return shards;
}

interface OpenShard {
  readonly path: string;
  readonly tar: TarWriter;
  sampleCount: number;
  plannedBytes: number;
}

function shardPath(folder: string, index: number): string {
  const name = `${String(index).padStart(5, "0")}.tar`;
  return folder === "" ? name : `${folder}/${name}`;
}

async function openShard(storage: Storage, path: string, createMd5: () => TarDigest): Promise<OpenShard> {
  const tar = createTarWriter(await storage.create(path), createMd5());
  return { path, tar, sampleCount: 0, plannedBytes: END_OF_ARCHIVE_BYTES };
}

async function closeShard({ path, tar, sampleCount }: OpenShard): Promise<Shard> {
  const { sizeBytes, digest } = await tar.close();
  return { path, sampleCount, sizeBytes, md5: digest ?? "" };
}

function checkSample({ key, members }: Sample, keys: Set<string>): void {
  const remedy = "Give each sample a key of its own, such as a UUID.";
  if (!/^[^./\\\s\0][^./\\\0]*$/.test(key)) {
    throw new DataError(
      `Cannot use a sample key as it is empty, begins with a blank, or holds a dot or slash: ${JSON.stringify(key)}. ${remedy}`,
    );
  }
  if (keys.has(key))
    throw new DataError(`Cannot write a sample as its key was written before: ${key}. ${remedy}`);
  keys.add(key);
  const extensions = members.map((member) => member.extension);
  const bad = extensions.find(
    (extension, index) => !/^\w[\w.-]*$/.test(extension) || extensions.indexOf(extension) !== index,
  );
  if (bad === undefined && extensions.length > 0) return;
  throw new DataError(
    `Cannot write a sample as its members need different, plain extensions: ${key} has ${extensions.join(", ") || "none"}. ` +
      'Give each member one such as "mp4" or "json".',
  );
}
