// KMeansStage: embeddings to clusters, Parquet to Parquet. Rows are scaled to length 1, clustered, and written with their
// distances to the centroid into one folder for each cluster, as NeMo Curator's stage of this name does.
import { assignRows } from "../dedup/assign.ts";
import { chooseClusterCount } from "../dedup/choose_clusters.ts";
import { gatherRows } from "../dedup/gather.ts";
import { kmeans } from "../dedup/kmeans.ts";
import { sampleDistinct } from "../dedup/random.ts";
import { openRowStore, type RowStore } from "../dedup/row_store.ts";
import { UsageError } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import type { JsonValue } from "../types.ts";
import { ClusterSpool } from "./cluster_spool.ts";
import { type EmbeddingFormat, EmbeddingSource, listEmbeddingFiles } from "./embedding_source.ts";
import { digestTables, digestValue } from "./fingerprint.ts";
import type { Stage, StageContext, StageDescription, StorageKwargs, Unit, UnitOutcome } from "./stage.ts";

export interface KMeansStageOptions {
  /** Folder of the embeddings. */
  readonly inputPath: string;
  /** Folder that receives centroid=<k>/*.parquet. */
  readonly outputPath: string;
  /** Clusters, or "auto": as many as take the least work, at most one for a thousand rows. More clusters miss more duplicates. */
  readonly nClusters: number | "auto";
  /** Column of the ids. Default "id". */
  readonly idField?: string;
  /** Column of the embeddings. Default "embedding". */
  readonly embeddingField?: string;
  /** Default "parquet". */
  readonly inputFiletype?: "parquet" | "jsonl";
  /** Expected dimension; another one is used with a warning. */
  readonly embeddingDim?: number | undefined;
  /** Rounds at most. Default 300. */
  readonly maxIter?: number;
  /** Share of the rows that are fitted, chosen by `randomState`; all are then assigned to a centroid. From above 0 to 1. Default 1. */
  readonly fitDataFraction?: number;
  /** A round that improves the objective by a smaller share is the last. Default 1e-4. */
  readonly tol?: number;
  /** Seed of the first centroids. Default 42. */
  readonly randomState?: number;
  /** First centroids: "k-means||", "k-means++" or "random" rows. Default "k-means||". */
  readonly init?: "k-means||" | "k-means++" | "random";
  /** Scale centroids to length 1 after each round. Default false. */
  readonly spherical?: boolean;
  /** Candidates of each seeding round, in multiples of nClusters. Default 2. */
  readonly oversamplingFactor?: number;
  /**
   * Device bytes that rows may take; more rows are read anew for each round, with the same result. Default 4 GiB, and
   * 1 GiB on a software adapter, whose memory is that of the machine.
   */
  readonly residentBytes?: number | undefined;
  /** Of NeMo Curator's programs, without effect. */
  readonly readKwargs?: StorageKwargs;
  /** Of NeMo Curator's programs, without effect. */
  readonly writeKwargs?: StorageKwargs;
}

/** What the clustering did; the `summary` of its only unit. */
export interface KMeansSummary {
  readonly rows: number;
  readonly dimension: number;
  readonly clusters: number;
  /** Rows that were not clustered, by reason. */
  readonly rowsSetAside: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly converged: boolean;
  /** Rows that the centroids were fitted on. */
  readonly fittedRows: number;
  /** Sum of squared distances of the fitted rows to the centroids; null where no row was clustered. */
  readonly inertia: number | null;
  /** Why so many clusters were made; null where the number was given. */
  readonly choice: string | null;
}

const methodVersion = "kmeans-3";
const softwareResidentBytes = 2 ** 30;
/** Stream of random numbers that choose the rows to fit, apart from those of the seeding. */
const fitStream = 201;

export class KMeansStage implements Stage {
  readonly name = "kmeans";
  readonly noun = null;
  readonly maxConcurrency = 1;
  readonly guardsOutput = false;
  readonly dryRun = false;
  readonly outputPath: string;
  readonly #inputPath: string;
  readonly #format: EmbeddingFormat;
  readonly #nClusters: number | "auto";
  readonly #residentBytes: number | undefined;
  readonly #fit: Required<
    Pick<
      KMeansStageOptions,
      "maxIter" | "fitDataFraction" | "tol" | "randomState" | "init" | "spherical" | "oversamplingFactor"
    >
  >;

  constructor(options: KMeansStageOptions) {
    const { idField = "id", embeddingField = "embedding", inputFiletype = "parquet", embeddingDim } = options;
    const {
      maxIter = 300,
      fitDataFraction = 1,
      tol = 1e-4,
      randomState = 42,
      init = "k-means||",
      spherical = false,
      oversamplingFactor = 2,
    } = options;
    this.outputPath = options.outputPath;
    this.#inputPath = options.inputPath;
    this.#format = { idField, embeddingField, inputFiletype, embeddingDim };
    this.#nClusters = options.nClusters;
    this.#residentBytes = options.residentBytes;
    if (!(fitDataFraction > 0 && fitDataFraction <= 1)) {
      throw new UsageError(
        `Cannot cluster as fitDataFraction must be above 0 and at most 1: ${fitDataFraction}`,
      );
    }
    this.#fit = { maxIter, fitDataFraction, tol, randomState, init, spherical, oversamplingFactor };
  }

  describe(): StageDescription {
    const { embeddingDim, ...format } = this.#format;
    return {
      name: this.name,
      reads: this.#inputPath,
      writes: `${this.outputPath}/centroid=<k>/*.parquet`,
      options: {
        nClusters: this.#nClusters,
        ...format,
        ...(embeddingDim === undefined ? {} : { embeddingDim }),
        ...this.#fit,
      },
    };
  }

  /** One unit: every row decides on every centroid. */
  async units(context: StageContext): Promise<readonly Unit[]> {
    const storage = context.openStorage(this.#inputPath);
    const files = await listEmbeddingFiles(storage, this.#format);
    const { idField, embeddingField } = this.#format;
    const options: JsonValue = [methodVersion, this.#nClusters, idField, embeddingField, { ...this.#fit }];
    const fingerprint = await digestValue([options, await digestTables(storage, files)]);
    return [{ key: "all", fingerprint, payload: null }];
  }

  async process(_unit: Unit, context: StageContext): Promise<UnitOutcome> {
    const storage = context.openStorage(this.#inputPath);
    const files = await listEmbeddingFiles(storage, this.#format);
    const source = await EmbeddingSource.open(storage, files, this.#format, context.log);
    const gpu = await context.device();
    const residentBytes = this.#residentBytes ?? (gpu.adapter.software ? softwareResidentBytes : undefined);
    const store = await openRowStore(gpu, () => source.blocks(), {
      dim: source.dimension,
      ...(residentBytes === undefined ? {} : { residentBytes }),
    });
    try {
      warnOfRepeatedIds(source.ids, context);
      return await this.#cluster(gpu, store, source, context);
    } finally {
      store.destroy();
    }
  }

  async #cluster(
    gpu: GpuContext,
    store: RowStore,
    source: EmbeddingSource,
    context: StageContext,
  ): Promise<UnitOutcome> {
    const { log, progress, signal } = context;
    const { nClusters, choice } = this.#clusterCount(store.rowCount, context);
    const fitted = await this.#rowsToFit(gpu, store, nClusters);
    const { centroids, k, iterations, converged } = await kmeans(gpu, fitted, {
      ...this.#fit,
      nClusters,
      onWarning: (message) => log("warn", message),
      onIteration: ({ inertia, movedRows, emptyClusters }, round) => {
        progress({ stage: this.name, noun: "rounds", done: round, total: null });
        log(
          "debug",
          `kmeans: round ${round}: inertia ${inertia.toPrecision(8)}, ${movedRows} rows moved, ${emptyClusters} clusters empty`,
        );
      },
      signal,
    }).finally(() => {
      if (fitted !== store) fitted.destroy();
    });
    const { idField, embeddingField } = this.#format;
    const spool = new ClusterSpool(
      context.openStorage(this.outputPath),
      { idField, embeddingField, dimension: store.dim },
      { willWrite: context.willWrite },
    );
    await assignRows(gpu, store, centroids, async (chunk) => {
      signal.throwIfAborted();
      const ids = chunk.sourceIndices.map((index) => source.ids[index]!);
      await spool.add(chunk, ids);
      progress({
        stage: this.name,
        noun: "rows",
        done: chunk.firstRow + chunk.rowCount,
        total: store.rowCount,
      });
    });
    const noDirection = store.setAside.length;
    const rowsSetAside = {
      ...source.rejections,
      ...(noDirection === 0 ? {} : { "zero-vector": noDirection }),
    };
    for (const [reason, count] of Object.entries(rowsSetAside))
      log("warn", `${count} embeddings were set aside: ${reason}`);
    const summary: KMeansSummary = {
      rows: store.rowCount,
      dimension: store.dim,
      clusters: k,
      rowsSetAside,
      rounds: iterations.length,
      converged,
      fittedRows: fitted.rowCount,
      inertia: iterations.at(-1)?.inertia ?? null,
      choice,
    };
    return { outputs: await spool.close(), summary: { ...summary } };
  }

  #clusterCount(
    rowCount: number,
    { log }: StageContext,
  ): { readonly nClusters: number; readonly choice: string | null } {
    if (this.#nClusters !== "auto") return { nClusters: this.#nClusters, choice: null };
    const { clusterCount, reason } = chooseClusterCount(rowCount, this.#fit);
    log("info", `kmeans: ${reason}`);
    return { nClusters: clusterCount, choice: reason };
  }

  /** The store itself, or the share of its rows that is asked for; never fewer than the clusters need. */
  async #rowsToFit(gpu: GpuContext, store: RowStore, nClusters: number): Promise<RowStore> {
    const { fitDataFraction, randomState } = this.#fit;
    const count = Math.max(Math.min(nClusters, store.rowCount), Math.round(fitDataFraction * store.rowCount));
    if (count >= store.rowCount) return store;
    const rows = sampleDistinct(count, store.rowCount, randomState, fitStream);
    return await gatherRows(
      gpu,
      store,
      rows.sort((a, b) => a - b),
    );
  }
}

function warnOfRepeatedIds(ids: readonly string[], { log }: StageContext): void {
  const repeated = ids.length - new Set(ids).size;
  if (repeated > 0)
    log(
      "warn",
      `${repeated} rows carry an id that another row has too: removing such an id removes all its rows`,
    );
}
