// A Parquet table of the clips that are kept: one row per clip, for choosing training data without opening a shard.
// Rows stream in and are written in batches; an absent value is null.
import type { ColumnSpec, ColumnValues, ScalarType } from "../io/parquet_columns.ts";
import { createParquetWriter } from "../io/parquet_write.ts";
import type { Storage } from "../io/storage.ts";

/** One kept clip. */
export interface KeptClip {
  readonly id: string;
  readonly sourceVideo: string;
  /** In the source video, seconds from its first frame. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly width: number | null;
  readonly height: number | null;
  /** Frames per second. */
  readonly frameRate: number | null;
  readonly frameCount: number | null;
  readonly durationSeconds: number | null;
  /** Of the clip's file, relative to the output folder; null where clips were not written. */
  readonly clipPath: string | null;
  /** Of the shard that holds the clip, relative to the output folder. */
  readonly shard: string | null;
}

/** Column of the table, its type, and the field it comes from. */
const COLUMNS: readonly (readonly [name: string, type: ScalarType, field: keyof KeptClip])[] = [
  ["id", "string", "id"],
  ["source_video", "string", "sourceVideo"],
  ["start_seconds", "float64", "startSeconds"],
  ["end_seconds", "float64", "endSeconds"],
  ["width", "int32", "width"],
  ["height", "int32", "height"],
  ["frame_rate", "float64", "frameRate"],
  ["frame_count", "int64", "frameCount"],
  ["duration_seconds", "float64", "durationSeconds"],
  ["clip_path", "string", "clipPath"],
  ["shard", "string", "shard"],
];

const BATCH_ROWS = 4096;

/** Writes the index and resolves to its number of rows. A failure leaves no file. */
export async function writeParquetIndex(
  storage: Storage,
  path: string,
  clips: AsyncIterable<KeptClip> | Iterable<KeptClip>,
): Promise<number> {
  const specs: ColumnSpec[] = COLUMNS.map(([name, type]) => ({ name, type }));
  const writer = await createParquetWriter(storage, path, specs);
  try {
    let batch: KeptClip[] = [];
    for await (const clip of clips) {
      batch.push(clip);
      if (batch.length < BATCH_ROWS) continue;
      await writer.writeRows(columnsOf(batch));
      batch = [];
    }
    await writer.writeRows(columnsOf(batch));
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return writer.rowCount;
}

function columnsOf(clips: readonly KeptClip[]): Record<string, ColumnValues> {
  return Object.fromEntries(COLUMNS.map(([name, , field]) => [name, clips.map((clip) => clip[field])]));
}
