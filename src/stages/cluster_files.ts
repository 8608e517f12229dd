// Reads what KMeansStage wrote, cluster by cluster: which clusters there are, and the rows of one.
import { openEmbeddingFile } from "../io/parquet_read.ts";
import type { Storage, StoredObject } from "../io/storage.ts";
import { distanceColumns } from "./cluster_spool.ts";
import { clusterOfPath } from "./output_layout.ts";

export interface ClusterFields {
  readonly idField: string;
  readonly embeddingField: string;
}

export interface ClusterRows {
  readonly ids: readonly string[];
  /** f32, ids x dimension, of length 1. */
  readonly rows: Float32Array;
  readonly dimension: number;
  readonly cosineDistances: Float32Array;
  readonly l2Distances: Float32Array;
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

/** All rows of one cluster, in the order of its files. */
export async function readCluster(
  storage: Storage,
  files: readonly StoredObject[],
  fields: ClusterFields,
): Promise<ClusterRows> {
  const { l2, cosine } = distanceColumns;
  const blocks: {
    readonly ids: readonly string[];
    readonly rows: Float32Array;
    readonly l2: readonly unknown[];
    readonly cosine: readonly unknown[];
  }[] = [];
  let dimension = 1;
  for (const { path } of files) {
    const file = await openEmbeddingFile(storage, path, fields);
    for await (const block of file.blocks({ columns: [l2, cosine] })) {
      dimension = block.dimension;
      blocks.push({
        ids: block.ids,
        rows: block.rows,
        l2: block.columns[l2] ?? [],
        cosine: block.columns[cosine] ?? [],
      });
    }
  }
  const ids = blocks.flatMap((block) => block.ids);
  const rows = new Float32Array(ids.length * dimension);
  let filled = 0;
  for (const block of blocks) {
    rows.set(block.rows, filled);
    filled += block.rows.length;
  }
  return {
    ids,
    rows,
    dimension,
    l2Distances: Float32Array.from(blocks.flatMap((block) => block.l2) as number[]),
    cosineDistances: Float32Array.from(blocks.flatMap((block) => block.cosine) as number[]),
  };
}

/** The dimension of a cluster's rows, from its first file. */
export async function clusterDimension(
  storage: Storage,
  files: readonly StoredObject[],
  fields: ClusterFields,
): Promise<number> {
  const [first] = files;
  return first === undefined ? 1 : ((await openEmbeddingFile(storage, first.path, fields)).dimension ?? 1);
}

/** Rows in another order. */
export function orderRows(rows: Float32Array, dimension: number, order: Uint32Array): Float32Array {
  const ordered = new Float32Array(rows.length);
  order.forEach((from, to) => {
    ordered.set(rows.subarray(from * dimension, (from + 1) * dimension), to * dimension);
  });
  return ordered;
}
