// Reads a finished output folder with programs that are not ours: ffprobe for clips, DuckDB for Parquet.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";

const run = promisify(execFile);

export interface ClipRecord {
  readonly span_uuid: string;
  readonly source_video: string;
  readonly duration_span: readonly [number, number];
  readonly num_frames?: number;
}

export async function readClipRecords(output: string): Promise<ClipRecord[]> {
  const folder = join(output, "metas/v0");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as ClipRecord),
  );
}

/** Frames that ffprobe really decodes; what its decoder complains of comes back too. */
export async function countFrames(
  path: string,
): Promise<{ readonly frameCount: number; readonly complaints: string }> {
  const args = ["-v", "error", "-threads", "1", "-select_streams", "v:0", "-count_frames"];
  const shown = ["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"];
  const { stdout, stderr } = await run("ffprobe", [...args, ...shown, path]);
  return { frameCount: Number.parseInt(stdout, 10), complaints: stderr.trim() };
}

/** Applies a job to each item, two at a time. */
export async function twoAtATime<Item, Result>(
  items: readonly Item[],
  job: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await job(items[at]!);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

export type Row = Readonly<Record<string, unknown>>;

/** Rows of a query over Parquet files; `glob` is relative to the output folder. */
export async function queryParquet(output: string, query: string, glob: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const files = `read_parquet('${join(output, glob).replaceAll("'", "''")}')`;
    return (await connection.runAndReadAll(query.replace("FILES", files))).getRowObjectsJS() as Row[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
