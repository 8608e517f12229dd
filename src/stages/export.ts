// ExportStage: packs the clips that stay into WebDataset shards with a wids index, and lists them in a Parquet index. The
// keep list of a dedup run says which stay; without one every clip does.
import { DataError, UsageError } from "../errors.ts";
import { type KeptClip, writeParquetIndex } from "../export/parquet_index.ts";
import { type Sample, writeShards } from "../export/shards.ts";
import { writeWidsIndex } from "../export/wids_index.ts";
import { createMd5 } from "../io/digest.ts";
import { objectBytes } from "../io/object_body.ts";
import { readTable } from "../io/parquet_read.ts";
import type { Storage, StoredObject } from "../io/storage.ts";
import { type ClipMetadata, parseClipMetadata } from "../video/metadata.ts";
import { digestTables, digestValue } from "./fingerprint.ts";
import { layout } from "./output_layout.ts";
import type { Stage, StageContext, StageDescription, Unit, UnitOutcome } from "./stage.ts";

export interface ExportStageOptions {
  /** Folder of a finished split; the shards go below it, into wds/. */
  readonly outputPath: string;
  /** Most clips in one shard. More makes fewer, larger files. Default 10000. */
  readonly samplesPerShard?: number;
  /** Most bytes in one shard; a single larger clip has a shard of its own. Default 1 GB. */
  readonly bytesPerShard?: number;
}

/** What the export did; the `summary` of its only unit. */
export interface ExportSummary {
  readonly samples: number;
  readonly shards: number;
  readonly bytes: number;
}

const metadataFolder = "metas/v0";

export class ExportStage implements Stage {
  readonly name = "export";
  readonly noun = null;
  readonly maxConcurrency = 1;
  readonly guardsOutput = false;
  readonly dryRun = false;
  readonly outputPath: string;
  readonly #samplesPerShard: number;
  readonly #bytesPerShard: number;

  constructor({ outputPath, samplesPerShard = 10_000, bytesPerShard = 1_000_000_000 }: ExportStageOptions) {
    this.outputPath = outputPath;
    this.#samplesPerShard = samplesPerShard;
    this.#bytesPerShard = bytesPerShard;
  }

  describe(): StageDescription {
    return {
      name: this.name,
      reads: `${this.outputPath}/{clips,metas,${layout.kept}}`,
      writes: `${this.outputPath}/${layout.shards}`,
      options: { samplesPerShard: this.#samplesPerShard, bytesPerShard: this.#bytesPerShard },
    };
  }

  /** One unit: where a shard ends depends on every clip before it. */
  async units(context: StageContext): Promise<readonly Unit[]> {
    const storage = context.openStorage(this.outputPath);
    const inputs: [string, number][] = [];
    for await (const { path, sizeBytes } of storage.list(metadataFolder)) inputs.push([path, sizeBytes]);
    const metadataCount = inputs.length;
    for await (const { path, sizeBytes } of storage.list("clips")) inputs.push([path, sizeBytes]);
    if (metadataCount === 0 || inputs.length === metadataCount) {
      throw new UsageError(
        `Cannot export as the folder holds no ${metadataCount === 0 ? "metadata of clips" : "clips, only their metadata"}: ${this.outputPath}. Run \`clipsieve split\` first${metadataCount === 0 ? "" : ", without --no-upload-clips"}`,
      );
    }
    const kept = await digestTables(storage, await parquetFiles(storage, layout.kept));
    const fingerprint = await digestValue([
      "export-1",
      this.#samplesPerShard,
      this.#bytesPerShard,
      inputs,
      kept,
    ]);
    return [{ key: "all", fingerprint, payload: null }];
  }

  async process(_unit: Unit, context: StageContext): Promise<UnitOutcome> {
    const storage = context.openStorage(this.outputPath);
    const kept = await readIds(storage, layout.kept);
    await warnOfUnknownClips(storage, kept, context);
    const rows: KeptClip[] = [];
    const shardOf = new Map<string, string>();
    const shards = await writeShards(storage, this.#samples(storage, kept, rows, context), {
      folder: layout.shards,
      maxSamples: this.#samplesPerShard,
      maxBytes: this.#bytesPerShard,
      createMd5,
      onSample: ({ key }, shardPath) => shardOf.set(key, shardPath),
    });
    const widsPath = await writeWidsIndex(storage, layout.shards, shards);
    const indexPath = `${layout.shards}/index.parquet`;
    await writeParquetIndex(
      storage,
      indexPath,
      rows.map((row) => ({ ...row, shard: shardOf.get(row.id) ?? null })),
    );
    const summary: ExportSummary = {
      samples: rows.length,
      shards: shards.length,
      bytes: shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    };
    return { outputs: [...shards.map(({ path }) => path), widsPath, indexPath], summary: { ...summary } };
  }

  /** Clips that stay and were written, in order of their ids; their index rows are collected on the way. */
  async *#samples(
    storage: Storage,
    kept: ReadonlySet<string> | undefined,
    rows: KeptClip[],
    { signal, progress }: StageContext,
  ): AsyncGenerator<Sample> {
    for await (const file of storage.list(metadataFolder)) {
      signal.throwIfAborted();
      const clip = parseClipMetadata(new TextDecoder().decode(await storage.read(file.path)), file.path);
      const id = clip.span_uuid;
      const video = await storage.stat(layout.clip(id));
      if (video === undefined || (kept !== undefined && !kept.has(id))) continue;
      rows.push(indexRow(clip));
      progress({ stage: this.name, noun: "clips", done: rows.length, total: kept?.size ?? null });
      yield { key: id, members: [member(storage, video, "mp4"), member(storage, file, "json")] };
    }
  }
}

function indexRow(clip: ClipMetadata): KeptClip {
  const [startSeconds, endSeconds] = clip.duration_span;
  return {
    id: clip.span_uuid,
    sourceVideo: clip.source_video,
    startSeconds,
    endSeconds,
    width: clip.width ?? null,
    height: clip.height ?? null,
    frameRate: clip.framerate ?? null,
    frameCount: clip.num_frames ?? null,
    durationSeconds: endSeconds - startSeconds,
    clipPath: layout.clip(clip.span_uuid),
    shard: null,
  };
}

function member(
  storage: Storage,
  { path, sizeBytes }: StoredObject,
  extension: string,
): Sample["members"][number] {
  return {
    extension,
    sizeBytes,
    read: () => objectBytes(storage, path, sizeBytes),
  };
}

async function parquetFiles(storage: Storage, folder: string): Promise<StoredObject[]> {
  const files: StoredObject[] = [];
  for await (const file of storage.list(folder)) if (file.path.endsWith(".parquet")) files.push(file);
  return files;
}

/** The ids in the tables of a folder; undefined where there is no table, as no dedup was run. */
async function readIds(storage: Storage, folder: string): Promise<ReadonlySet<string> | undefined> {
  const files = await parquetFiles(storage, folder);
  if (files.length === 0) return undefined;
  const ids = new Set<string>();
  for (const { path } of files) {
    const { id } = await readTable(storage, path, ["id"]);
    if (id === undefined)
      throw new DataError(
        `Cannot read a list of clips as it has no column id: ${path}. Run \`clipsieve dedup\` again`,
      );
    for (const value of id) ids.add(String(value));
  }
  return ids;
}

/** Clips that were made after the dedup whose keep list is used would be left out without a word. */
async function warnOfUnknownClips(
  storage: Storage,
  kept: ReadonlySet<string> | undefined,
  { log }: StageContext,
): Promise<void> {
  if (kept === undefined) return;
  const duplicates = await readIds(storage, layout.duplicates);
  let unknown = 0;
  for await (const { path } of storage.list("clips")) {
    const id = path.slice("clips/".length).replace(/\.mp4$/, "");
    if (!kept.has(id) && duplicates?.has(id) !== true) unknown++;
  }
  if (unknown > 0) {
    log(
      "warn",
      `${unknown} clips are left out as the last dedup neither kept nor removed them: they are newer, or were set aside. Run \`clipsieve dedup\` again to include newer ones`,
    );
  }
}
