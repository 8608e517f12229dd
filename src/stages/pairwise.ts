// PairwiseStage: inside each cluster, rows are ranked by their distance to the centroid and each row's largest similarity
// to an earlier one is found. One unit for each cluster; the columns are those of NeMo Curator's stage of this name.
import { rankRows, type WhichToKeep } from "../dedup/rank.ts";
import { UsageError } from "../errors.ts";
import { writeTable } from "../io/parquet_write.ts";
import { type ClusterFields, ClusterTable, listClusters } from "./cluster_files.ts";
import { digestTables, digestValue } from "./fingerprint.ts";
import { MemoryGate } from "./memory_gate.ts";
import { layout } from "./output_layout.ts";
import { PairwiseQueue } from "./pairwise_queue.ts";
import { inOrder } from "./side_by_side.ts";
import type { Stage, StageContext, StageDescription, StorageKwargs, Unit, UnitOutcome } from "./stage.ts";

export interface PairwiseStageOptions {
  /** Output folder of a KMeansStage. */
  readonly inputPath: string;
  /** Folder that receives cluster_<k>.parquet. */
  readonly outputPath: string;
  /** Column of the ids. Default "id". */
  readonly idField?: string;
  /** Column of the embeddings. Default "embedding". */
  readonly embeddingField?: string;
  /** Which row of a group of duplicates comes first and so stays: "hard" the farthest from the centroid, "easy" the closest, "random" any. Default "hard". */
  readonly whichToKeep?: WhichToKeep;
  /** Distance that ranks the rows; similarity itself is always the cosine. Default "cosine". */
  readonly simMetric?: "cosine" | "l2";
  /**
   * "exact": the score of every row. "thresholded": only scores from 1 - eps on, for a stage that identifies duplicates with
   * this eps or a smaller one; a row below has the score 0 and itself as max_id. Default "exact".
   */
  readonly scores?: "exact" | "thresholded";
  /** Largest cosine distance of duplicates, from 0 to below 1. "thresholded" needs it, "exact" does without. */
  readonly eps?: number;
  /** Of NeMo Curator's programs; the result does not depend on it and blocks are sized by the device. */
  readonly pairwiseBatchSize?: number;
  /** Seed of "random". Default 42. */
  readonly randomState?: number;
  /** Of NeMo Curator's programs, without effect. */
  readonly readKwargs?: StorageKwargs;
  /** Of NeMo Curator's programs, without effect. */
  readonly writeKwargs?: StorageKwargs;
}

/** Columns of cluster_<k>.parquet. */
export const pairwiseColumns = { id: "id", maxId: "max_id", score: "cosine_sim_score" } as const;

export interface PairwiseSummary {
  readonly cluster: number;
  readonly rows: number;
}

const methodVersion = "pairwise-1";
const digestsAtOnce = 4;
/** Bytes of clusters that are held at once; one that is larger is worked alone. */
const clusterBytes = 128 * 2 ** 20;

/** The rows of a cluster in the order in which they are compared. */
export function rankCluster(
  { ids, cosineDistances, l2Distances }: ClusterTable,
  options: {
    readonly whichToKeep: WhichToKeep;
    readonly simMetric: "cosine" | "l2";
    readonly randomState: number;
  },
): Uint32Array {
  const distances = options.simMetric === "l2" ? l2Distances : cosineDistances;
  return rankRows(ids, distances, options.whichToKeep, options.randomState);
}

export class PairwiseStage implements Stage {
  readonly name = "pairwise";
  readonly noun = "clusters";
  /** Reading clusters, computing others and writing the scores of yet others overlap; memory is bounded apart. */
  readonly maxConcurrency = 32;
  readonly waits = true;
  readonly guardsOutput = false;
  readonly dryRun = false;
  readonly outputPath: string;
  readonly #inputPath: string;
  readonly #fields: ClusterFields;
  readonly #queue: PairwiseQueue;
  readonly #scoring: { readonly scores?: "thresholded"; readonly eps?: number };
  readonly #memory = new MemoryGate(clusterBytes);
  readonly #ranking: {
    readonly whichToKeep: WhichToKeep;
    readonly simMetric: "cosine" | "l2";
    readonly randomState: number;
  };

  constructor(options: PairwiseStageOptions) {
    const {
      idField = "id",
      embeddingField = "embedding",
      whichToKeep = "hard",
      simMetric = "cosine",
      randomState = 42,
      scores = "exact",
      eps,
    } = options;
    if (scores === "thresholded" && eps === undefined) {
      throw new UsageError(
        'Cannot write thresholded scores as eps is missing: undefined. Give eps, or take scores: "exact"',
      );
    }
    this.outputPath = options.outputPath;
    this.#inputPath = options.inputPath;
    this.#fields = { idField, embeddingField };
    this.#ranking = { whichToKeep, simMetric, randomState };
    this.#scoring = scores === "thresholded" && eps !== undefined ? { scores, eps } : {};
    this.#queue = new PairwiseQueue(this.#scoring);
  }

  describe(): StageDescription {
    return {
      name: this.name,
      reads: `${this.#inputPath}/centroid=<k>/*.parquet`,
      writes: `${this.outputPath}/cluster_<k>.parquet`,
      options: { ...this.#fields, ...this.#ranking, ...this.#scoring },
    };
  }

  async units(context: StageContext): Promise<readonly Unit[]> {
    const storage = context.openStorage(this.#inputPath);
    const clusters = await listClusters(storage);
    const units = inOrder(clusters, digestsAtOnce, async ([cluster, files]): Promise<Unit> => {
      const fingerprint = await digestValue([
        methodVersion,
        { ...this.#fields },
        { ...this.#ranking },
        ...(this.#scoring.scores === undefined ? [] : [{ ...this.#scoring }]),
        await digestTables(storage, files),
      ]);
      return {
        key: String(cluster),
        fingerprint,
        payload: files.map(({ path, sizeBytes }) => [path, sizeBytes]),
      };
    });
    const listed: Unit[] = [];
    for await (const unit of units) listed.push(unit);
    return listed;
  }

  async process(unit: Unit, context: StageContext): Promise<UnitOutcome> {
    const cluster = Number(unit.key);
    const storage = context.openStorage(this.#inputPath);
    const files = unit.payload as readonly (readonly [path: string, sizeBytes: number])[];
    const sizeBytes = files.reduce((sum, [, size]) => sum + size, 0);
    const { ids, scores, maxIndex } = await this.#memory.hold(sizeBytes, async () => {
      const table = await ClusterTable.open(
        storage,
        files.map(([path]) => path),
        this.#fields,
      );
      const order = rankCluster(table, this.#ranking);
      const rows = await table.readRows(order);
      const found = await this.#queue.score(() => context.device(), rows, table.dimension, context.signal);
      return { ids: Array.from(order, (row) => table.ids[row]!), ...found };
    });
    const path = layout.clusterFile(cluster);
    const { id, maxId, score } = pairwiseColumns;
    await writeTable(
      context.openStorage(this.outputPath),
      path,
      [
        { name: id, type: "string" },
        { name: maxId, type: "string" },
        { name: score, type: "float32" },
      ],
      { [id]: ids, [maxId]: Array.from(maxIndex, (index) => ids[index]!), [score]: scores },
    );
    const summary: PairwiseSummary = { cluster, rows: ids.length };
    return { outputs: [path], summary: { ...summary } };
  }
}
