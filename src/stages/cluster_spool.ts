// Sorts assigned rows into one folder for each cluster, centroid=<k>/, as a hive partition. Rows are gathered in memory up
// to a budget and written out as one more part of each cluster, so that memory is bounded and files are few: a collection
// below the budget is one file for each cluster, written once.
import type { AssignedChunk } from "../dedup/assign.ts";
import { writeTable } from "../io/parquet_write.ts";
import type { Storage } from "../io/storage.ts";
import { layout } from "./output_layout.ts";
import { inOrder } from "./side_by_side.ts";

const defaultBudgetBytes = 512 * 1024 * 1024;
/** Files written side by side: each waits for its disk most of the time. */
const writersAtOnce = 8;

export interface SpoolColumns {
  readonly idField: string;
  readonly embeddingField: string;
  readonly dimension: number;
}

/** Column names of the distances, as the reference has them. */
export const distanceColumns = { l2: "l2_dist_to_cent", cosine: "cosine_dist_to_cent" } as const;

export interface SpoolOptions {
  /** Rows gathered before they are written. Default 512 MiB. */
  readonly budgetBytes?: number;
  /** Told the paths of a batch of files before the first of them is written. */
  readonly willWrite?: ((paths: readonly string[]) => Promise<void>) | undefined;
}

interface Gathered {
  readonly chunk: AssignedChunk;
  readonly ids: readonly string[];
}

export class ClusterSpool {
  readonly #storage: Storage;
  readonly #columns: SpoolColumns;
  readonly #budgetBytes: number;
  readonly #willWrite: SpoolOptions["willWrite"];
  readonly #paths: string[] = [];
  #gathered: Gathered[] = [];
  #bytes = 0;
  #part = 0;

  constructor(storage: Storage, columns: SpoolColumns, options: SpoolOptions = {}) {
    this.#storage = storage;
    this.#columns = columns;
    this.#budgetBytes = options.budgetBytes ?? defaultBudgetBytes;
    this.#willWrite = options.willWrite;
  }

  /** @param ids of the chunk's rows. */
  async add(chunk: AssignedChunk, ids: readonly string[]): Promise<void> {
    this.#gathered.push({ chunk, ids });
    this.#bytes += chunk.rows.byteLength;
    if (this.#bytes >= this.#budgetBytes) await this.#flush();
  }

  /** Writes what is left and resolves to every path written. */
  async close(): Promise<readonly string[]> {
    await this.#flush();
    return this.#paths;
  }

  async #flush(): Promise<void> {
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#bytes = 0;
    const members = membersOf(gathered);
    const parts = [...members.keys()]
      .sort((a, b) => a - b)
      .map((label) => ({ label, path: this.#pathOf(label) }));
    await this.#willWrite?.(parts.map(({ path }) => path));
    // Writers use each other's buffers again: memory that is new to the process costs as much as the copy into it.
    const buffers: Float32Array[] = [];
    const written = inOrder(parts, writersAtOnce, async ({ label, path }) => {
      const rows = members.get(label)!;
      const length = rows.rows.length * this.#columns.dimension;
      const fitting = buffers.findIndex((buffer) => buffer.length >= length);
      const buffer = fitting < 0 ? new Float32Array(length) : buffers.splice(fitting, 1)[0]!;
      await this.#writeCluster(path, gathered, rows, buffer.subarray(0, length));
      buffers.push(buffer);
      if (buffers.length > writersAtOnce) buffers.shift();
      return path;
    });
    for await (const path of written) this.#paths.push(path);
    this.#part++;
  }

  #pathOf(label: number): string {
    return `${layout.centroidFolder(label)}/${this.#part}.parquet`;
  }

  async #writeCluster(
    path: string,
    gathered: readonly Gathered[],
    members: Members,
    embedding: Float32Array,
  ): Promise<void> {
    const { idField, embeddingField, dimension } = this.#columns;
    const count = members.rows.length;
    const ids = new Array<string>(count);
    const l2 = new Float32Array(count);
    const cosine = new Float32Array(count);
    for (let index = 0; index < count; index++) {
      const row = members.rows[index]!;
      const { chunk, ids: chunkIds } = gathered[members.chunks[index]!]!;
      ids[index] = chunkIds[row]!;
      embedding.set(chunk.rows.subarray(row * dimension, (row + 1) * dimension), index * dimension);
      l2[index] = chunk.l2Distances[row]!;
      cosine[index] = chunk.cosineDistances[row]!;
    }
    await writeTable(
      this.#storage,
      path,
      [
        { name: idField, type: "string" },
        { name: embeddingField, type: "embedding", dimension },
        { name: distanceColumns.l2, type: "float32" },
        { name: distanceColumns.cosine, type: "float32" },
      ],
      {
        [idField]: ids,
        [embeddingField]: embedding,
        [distanceColumns.l2]: l2,
        [distanceColumns.cosine]: cosine,
      },
    );
  }
}

/** Where the rows of one cluster lie: chunk and row in it, in order. */
interface Members {
  readonly chunks: number[];
  readonly rows: number[];
}

function membersOf(gathered: readonly Gathered[]): ReadonlyMap<number, Members> {
  const members = new Map<number, Members>();
  gathered.forEach(({ chunk }, index) => {
    for (let row = 0; row < chunk.rowCount; row++) {
      const label = chunk.labels[row]!;
      let group = members.get(label);
      if (group === undefined) {
        group = { chunks: [], rows: [] };
        members.set(label, group);
      }
      group.chunks.push(index);
      group.rows.push(row);
    }
  });
  return members;
}
