// What an assignment leaves of each row: its label and its squared distance, 8 bytes that stay on the device even where the
// rows themselves stream.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp } from "../gpu/grid.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { costBlockRows, recordKmeansCost } from "../kernels/kmeans_cost.ts";
import type { CentroidSet } from "./centroid_set.ts";
import { NearestCentroid, type NearestOutputs } from "./nearest_centroid.ts";
import type { RowChunk, RowStore } from "./row_store.ts";
import type { SketchPlan } from "./sketched_assign.ts";

export interface ChunkState {
  readonly firstRow: number;
  readonly rowCount: number;
  readonly labels: GPUBuffer;
  readonly distances: GPUBuffer;
  readonly firstPartial: number;
}

export class RowState {
  readonly chunks: readonly ChunkState[];
  readonly #gpu: GpuContext;
  readonly #scope: BufferScope;
  readonly #partials: GPUBuffer;
  readonly #partialCount: number;
  readonly #nearest: NearestCentroid;

  /** @param sketches how to sketch rows, where that pays (planSketches). */
  constructor(gpu: GpuContext, store: RowStore, sketches?: SketchPlan) {
    this.#gpu = gpu;
    this.#scope = new BufferScope(gpu);
    this.#nearest = new NearestCentroid(gpu, store, sketches);
    const chunks: ChunkState[] = [];
    let partialCount = 0;
    for (let firstRow = 0; firstRow < store.rowCount; firstRow += store.chunkRows) {
      const rowCount = Math.min(store.chunkRows, store.rowCount - firstRow);
      chunks.push({
        firstRow,
        rowCount,
        labels: this.#scope.buffer("row_state.labels", rowCount * 4),
        distances: this.#scope.buffer("row_state.distances", rowCount * 4),
        firstPartial: partialCount,
      });
      partialCount += divideUp(rowCount, costBlockRows);
    }
    this.chunks = chunks;
    this.#partialCount = partialCount;
    this.#partials = this.#scope.buffer("row_state.partials", partialCount * 4);
  }

  /** Labels the chunk's rows by the nearest of `centroids`. */
  recordAssign(
    recorder: Recorder,
    chunk: RowChunk,
    centroids: CentroidSet,
    options: Omit<NearestOutputs, "labels" | "distances"> = {},
  ): void {
    const { labels, distances } = this.chunks[chunk.index]!;
    this.#nearest.record(recorder, chunk, centroids, { labels, distances, ...options });
  }

  /** The sum of all squared distances, as of the last assignment of every chunk. */
  async cost(): Promise<number> {
    this.#gpu.submit("row_state.cost", (recorder) => {
      for (const { distances, rowCount, firstPartial } of this.chunks)
        recordKmeansCost(recorder, {
          values: distances,
          count: rowCount,
          partials: this.#partials,
          firstPartial,
        });
    });
    const partials = await this.#gpu.readFloats(this.#partials, this.#partialCount);
    return partials.reduce((sum, partial) => sum + partial, 0);
  }

  destroy(): void {
    this.#nearest.destroy();
    this.#scope.destroy();
  }
}
