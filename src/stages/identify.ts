// IdentifyDuplicatesStage: from the scores of PairwiseStage to the list of what goes (with what stays for it) and the list
// of what stays. Scores are free of any threshold, so another eps costs no new comparison of all pairs.
import { everyMatch, findDuplicates, type Removal, sortRemovals } from "../dedup/identify.ts";
import { DataError } from "../errors.ts";
import { readTable } from "../io/parquet_read.ts";
import { createParquetWriter } from "../io/parquet_write.ts";
import type { Storage, StoredObject } from "../io/storage.ts";
import { ClusterTable, listClusters } from "./cluster_files.ts";
import { digestTables, digestValue } from "./fingerprint.ts";
import { MemoryGate } from "./memory_gate.ts";
import { pairwiseColumns } from "./pairwise.ts";
import { inOrder } from "./side_by_side.ts";
import type { Stage, StageContext, StageDescription, Unit, UnitOutcome } from "./stage.ts";

export interface IdentifyDuplicatesStageOptions {
  /** Output folder of a PairwiseStage. */
  readonly inputPath: string;
  /** Output folder of the KMeansStage before it: a few embeddings are compared again where matches form a chain. */
  readonly kmeansPath: string;
  /** Folder that receives duplicates/ and kept/. */
  readonly outputPath: string;
  /** A row is a duplicate when its similarity to a kept row is at least 1 - eps. Default 0.01. */
  readonly eps?: number;
  /** NeMo Curator's rule: any earlier match removes a row, even one that is removed itself. Default false. */
  readonly chain?: boolean;
  readonly idField?: string;
  readonly embeddingField?: string;
}

export interface IdentifySummary {
  readonly duplicates: number;
  readonly kept: number;
}

/** Columns of duplicates.parquet. */
export const duplicateColumns = { id: "id", keptId: "kept_id", score: "cosine_sim_score" } as const;

const methodVersion = "identify-1";
/** Readers that filter by id range read few row groups: the reference aims at ten. */
const rowGroupHint = 10;
/** Reading clusters overlaps with comparing the rows of others; more than the bytes are held by no more than one. */
const clustersAtOnce = 8;
const clusterBytes = 128 * 2 ** 20;

export class IdentifyDuplicatesStage implements Stage {
  readonly name = "identify";
  readonly noun = null;
  readonly maxConcurrency = 1;
  readonly guardsOutput = false;
  readonly dryRun = false;
  readonly outputPath: string;
  readonly #options: Required<IdentifyDuplicatesStageOptions>;

  constructor(options: IdentifyDuplicatesStageOptions) {
    this.outputPath = options.outputPath;
    this.#options = { eps: 0.01, chain: false, idField: "id", embeddingField: "embedding", ...options };
  }

  describe(): StageDescription {
    const { inputPath, kmeansPath, eps, chain } = this.#options;
    return {
      name: this.name,
      reads: `${inputPath}, ${kmeansPath}`,
      writes: `${this.outputPath}/{duplicates,kept}`,
      options: { eps, chain },
    };
  }

  async units(context: StageContext): Promise<readonly Unit[]> {
    const { inputPath, eps, chain } = this.#options;
    const storage = context.openStorage(inputPath);
    const files = await clusterScoreFiles(storage);
    const digest = await digestTables(storage, [...files.values()]);
    return [
      { key: "all", fingerprint: await digestValue([methodVersion, eps, chain, digest]), payload: null },
    ];
  }

  async process(_unit: Unit, context: StageContext): Promise<UnitOutcome> {
    const scores = context.openStorage(this.#options.inputPath);
    const kmeans = context.openStorage(this.#options.kmeansPath);
    const output = context.openStorage(this.outputPath);
    const clusters = await listClusters(kmeans);
    const files = await clusterScoreFiles(scores);
    const removals: Removal[] = [];
    const keptPath = "kept/kept.parquet";
    const keptWriter = await createParquetWriter(output, keptPath, [{ name: "id", type: "string" }]);
    let kept = 0;
    try {
      const memory = new MemoryGate(clusterBytes);
      const worked = inOrder(files, clustersAtOnce, async ([cluster, { path }]) => {
        context.signal.throwIfAborted();
        const scored = await readScores(scores, path);
        const members = clusters.get(cluster) ?? [];
        const sizeBytes = members.reduce((sum, file) => sum + file.sizeBytes, 0);
        const found = await memory.hold(sizeBytes, () => this.#find(scored, kmeans, members, context));
        return { scored, found };
      });
      for await (const { scored, found } of worked) {
        for (const removal of found) removals.push(removal);
        const gone = new Set(found.map(({ id }) => id));
        const staying = scored.ids.filter((id) => !gone.has(id));
        kept += staying.length;
        await keptWriter.writeRows({ id: staying });
      }
      await keptWriter.close();
    } catch (error) {
      await keptWriter.abort();
      throw error;
    }
    const duplicatesPath = "duplicates/duplicates.parquet";
    await writeDuplicates(output, duplicatesPath, sortRemovals(removals));
    const summary: IdentifySummary = { duplicates: removals.length, kept };
    return { outputs: [duplicatesPath, keptPath], summary: { ...summary } };
  }

  async #find(
    scored: ScoreTable,
    kmeans: Storage,
    files: readonly StoredObject[],
    context: StageContext,
  ): Promise<Removal[]> {
    const { eps, chain, idField, embeddingField } = this.#options;
    // Most clusters have no match at all, and need neither a device nor their rows.
    if (!scored.scores.some((score) => score >= 1 - eps)) return [];
    if (chain) return everyMatch(scored, eps);
    const paths = files.map(({ path }) => path);
    const table = await ClusterTable.open(kmeans, paths, { idField, embeddingField });
    const cluster = { ...scored, dim: table.dimension, rows: () => readRanked(table, scored.ids) };
    return await findDuplicates(await context.device(), cluster, { eps });
  }
}

interface ScoreTable {
  /** In ranked order. */
  readonly ids: readonly string[];
  readonly scores: Float32Array;
  readonly maxIndex: Uint32Array;
}

/** The cluster_<k>.parquet files by cluster, ascending. */
async function clusterScoreFiles(storage: Storage): Promise<ReadonlyMap<number, StoredObject>> {
  const files = new Map<number, StoredObject>();
  for await (const object of storage.list("")) {
    const cluster = /^cluster_(\d+)\.parquet$/.exec(object.path)?.[1];
    if (cluster !== undefined) files.set(Number(cluster), object);
  }
  return new Map([...files].sort(([a], [b]) => a - b));
}

async function readScores(storage: Storage, path: string): Promise<ScoreTable> {
  const { id, maxId, score } = pairwiseColumns;
  const table = await readTable(storage, path, [id, maxId, score]);
  const ids = (table[id] ?? []).map(String);
  const positions = new Map<string, number>();
  ids.forEach((value, index) => {
    if (!positions.has(value)) positions.set(value, index);
  });
  const maxIndex = Uint32Array.from(table[maxId] ?? [], (value, index) => {
    if (value === ids[index]) return index;
    const position = positions.get(String(value));
    if (position !== undefined) return position;
    throw new DataError(
      `Cannot identify duplicates as max_id of row ${index} names no row of its cluster: ${String(value)} in ${path}. Run \`clipsieve dedup --overwrite\``,
    );
  });
  return { ids, scores: Float32Array.from(table[score] as number[]), maxIndex };
}

/** The rows of a cluster in the order of `ids`. */
async function readRanked(table: ClusterTable, ids: readonly string[]): Promise<Float32Array> {
  const rowsOf = Map.groupBy(table.ids.keys(), (row) => table.ids[row]!);
  const order = Uint32Array.from(ids, (id) => {
    const row = rowsOf.get(id)?.shift();
    if (row !== undefined) return row;
    throw new DataError(
      `Cannot compare duplicates again as a row of the pairwise scores is not in its cluster: ${id}. Run \`clipsieve dedup --overwrite\``,
    );
  });
  return await table.readRows(order);
}

async function writeDuplicates(storage: Storage, path: string, removals: readonly Removal[]): Promise<void> {
  const { id, keptId, score } = duplicateColumns;
  const writer = await createParquetWriter(
    storage,
    path,
    [
      { name: id, type: "string" },
      { name: keptId, type: "string" },
      { name: score, type: "float32" },
    ],
    { rowGroupRows: Math.max(1, Math.floor(removals.length / rowGroupHint)) },
  );
  try {
    await writer.writeRows({
      [id]: removals.map((removal) => removal.id),
      [keptId]: removals.map((removal) => removal.keptId),
      [score]: Float32Array.from(removals, ({ similarity }) => similarity),
    });
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
