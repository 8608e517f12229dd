// Sorts assigned rows into one folder for each cluster, centroid=<k>/, as a hive partition. Rows are gathered in memory up
// to a budget and written out as one more part of each cluster, so that memory is bounded and files are few.
import type { AssignedChunk } from "../dedup/assign.ts";
import { createParquetWriter } from "../io/parquet_write.ts";
import type { Storage } from "../io/storage.ts";
import { layout } from "./output_layout.ts";

const defaultBudgetBytes = 512 * 1024 * 1024;

export interface SpoolColumns {
  readonly idField: string;
  readonly embeddingField: string;
  readonly dimension: number;
}

/** Column names of the distances, as the reference has them. */
export const distanceColumns = { l2: "l2_dist_to_cent", cosine: "cosine_dist_to_cent" } as const;

export class ClusterSpool {
  readonly #storage: Storage;
  readonly #columns: SpoolColumns;
  readonly #budgetBytes: number;
  readonly #paths: string[] = [];
  #chunks: { readonly chunk: AssignedChunk; readonly ids: readonly string[] }[] = [];
  #bytes = 0;
  #part = 0;

  constructor(storage: Storage, columns: SpoolColumns, budgetBytes: number = defaultBudgetBytes) {
    this.#storage = storage;
    this.#columns = columns;
    this.#budgetBytes = budgetBytes;
  }

  /** @param ids of the chunk's rows. */
  async add(chunk: AssignedChunk, ids: readonly string[]): Promise<void> {
    this.#chunks.push({ chunk, ids });
    this.#bytes += chunk.rows.byteLength;
    if (this.#bytes >= this.#budgetBytes) await this.#flush();
  }

  /** Writes what is left and resolves to every path written. */
  async close(): Promise<readonly string[]> {
    await this.#flush();
    return this.#paths;
  }

  async #flush(): Promise<void> {
    const members = new Map<
      number,
      { readonly chunk: AssignedChunk; readonly id: string; readonly row: number }[]
    >();
    for (const { chunk, ids } of this.#chunks) {
      for (let row = 0; row < chunk.rowCount; row++) {
        const label = chunk.labels[row]!;
        const group = members.get(label) ?? [];
        if (group.length === 0) members.set(label, group);
        group.push({ chunk, id: ids[row]!, row });
      }
    }
    for (const label of [...members.keys()].sort((a, b) => a - b))
      await this.#writeCluster(label, members.get(label)!);
    this.#chunks = [];
    this.#bytes = 0;
    this.#part++;
  }

  async #writeCluster(
    label: number,
    members: readonly { readonly chunk: AssignedChunk; readonly id: string; readonly row: number }[],
  ): Promise<void> {
    const { idField, embeddingField, dimension } = this.#columns;
    const path = `${layout.centroidFolder(label)}/${this.#part}.parquet`;
    const embedding = new Float32Array(members.length * dimension);
    members.forEach(({ chunk, row }, index) => {
      embedding.set(chunk.rows.subarray(row * dimension, (row + 1) * dimension), index * dimension);
    });
    const writer = await createParquetWriter(this.#storage, path, [
      { name: idField, type: "string" },
      { name: embeddingField, type: "embedding", dimension },
      { name: distanceColumns.l2, type: "float32" },
      { name: distanceColumns.cosine, type: "float32" },
    ]);
    try {
      await writer.writeRows({
        [idField]: members.map(({ id }) => id),
        [embeddingField]: embedding,
        [distanceColumns.l2]: Float32Array.from(members, ({ chunk, row }) => chunk.l2Distances[row]!),
        [distanceColumns.cosine]: Float32Array.from(members, ({ chunk, row }) => chunk.cosineDistances[row]!),
      });
      await writer.close();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    this.#paths.push(path);
  }
}
