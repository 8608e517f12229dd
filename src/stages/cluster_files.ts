// Reads what KMeansStage wrote, cluster by cluster: which clusters there are, and the rows of one. Ids and distances come
// first, as they decide the order; the embeddings are then read straight to their places in it.
import { openEmbeddingFile, type ParquetEmbeddings } from "../io/parquet_read.ts";
import type { Storage, StoredObject } from "../io/storage.ts";
import { distanceColumns } from "./cluster_spool.ts";
import { clusterOfPath } from "./output_layout.ts";

export interface ClusterFields {
  readonly idField: string;
  readonly embeddingField: string;
}

/** The files of each cluster, clusters ascending. */
export async function listClusters(storage: Storage): Promise<ReadonlyMap<number, readonly StoredObject[]>> {
  const clusters = new Map<number, StoredObject[]>();
  for await (const object of storage.list("")) {
    const cluster = clusterOfPath(object.path);
    if (cluster === undefined || !object.path.endsWith(".parquet")) continue;
    const files = clusters.get(cluster) ?? [];
    if (files.length === 0) clusters.set(cluster, files);
    files.push(object);
  }
  return new Map([...clusters].sort(([a], [b]) => a - b));
}

/** The rows of one cluster, in the order of its files. */
export class ClusterTable {
  readonly #files: readonly ParquetEmbeddings[];
  readonly ids: readonly string[];
  /** 1 where the cluster has no row, so that buffers have a width. */
  readonly dimension: number;
  readonly cosineDistances: Float32Array;
  readonly l2Distances: Float32Array;

  /** Reads ids and distances. */
  static async open(
    storage: Storage,
    paths: readonly string[],
    fields: ClusterFields,
  ): Promise<ClusterTable> {
    const { l2, cosine } = distanceColumns;
    const files: ParquetEmbeddings[] = [];
    const tables: Record<string, unknown[]>[] = [];
    for (const path of paths) {
      const dimension = files[0]?.dimension;
      const file = await openEmbeddingFile(storage, path, {
        ...fields,
        hold: true,
        ...(dimension === undefined ? {} : { dimension }),
      });
      files.push(file);
      tables.push(await file.columns([fields.idField, l2, cosine]));
    }
    const column = (name: string): unknown[] => tables.flatMap((table) => table[name] ?? []);
    return new ClusterTable(files, column(fields.idField).map(String), column(l2), column(cosine));
  }

  private constructor(
    files: readonly ParquetEmbeddings[],
    ids: readonly string[],
    l2: readonly unknown[],
    cosine: readonly unknown[],
  ) {
    this.#files = files;
    this.ids = ids;
    this.dimension = files.find((file) => file.dimension !== undefined)?.dimension ?? 1;
    this.l2Distances = Float32Array.from(l2 as number[]);
    this.cosineDistances = Float32Array.from(cosine as number[]);
  }

  /**
   * The embeddings in another order: f32, ids x dimension, of length 1.
   * @param order a row for each place.
   * @throws DataError where one is null, not finite or of another dimension.
   */
  async readRows(order: Uint32Array): Promise<Float32Array> {
    const { dimension } = this;
    const places = new Uint32Array(order.length);
    for (let place = 0; place < order.length; place++) places[order[place]!] = place;
    const rows = new Float32Array(order.length * dimension);
    let next = 0;
    for (const file of this.#files) {
      await file.readRows((values, count) => {
        for (let row = 0; row < count; row++) {
          const place = places[next++]!;
          rows.set(values.subarray(row * dimension, (row + 1) * dimension), place * dimension);
        }
      });
    }
    return rows;
  }
}
