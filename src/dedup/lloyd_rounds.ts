// The rounds of Lloyd's iterations on the device. A round assigns every row, sorts by cluster what came and went, adds it to
// the sums and moves the centroids; kmeans_update tells which sums go on and which begin anew. Several rounds go in one
// submission, since waiting for each would cost more than a small one takes: every round copies its figures, and its
// centroids, to a place of its own, from where the caller takes the round that it wants.
// Rows that stream are uploaded round by round, so there a batch is one round.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp } from "../gpu/grid.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { changesByteLength } from "../kernels/cluster_changes.ts";
import { costBlockRows, recordKmeansCost } from "../kernels/kmeans_cost.ts";
import { recordKmeansSum, type SumSlices, squaresByteLength } from "../kernels/kmeans_sum.ts";
import { type LabelSort, labelSortBuffers, recordLabelSort } from "../kernels/label_sort.ts";
import type { CentroidSet } from "./centroid_set.ts";
import { planSlices } from "./chunk_plan.ts";
import { RowState } from "./row_state.ts";
import type { RowChunk, RowStore } from "./row_store.ts";
import type { SketchPlan } from "./sketched_assign.ts";

export interface RoundFigures {
  /** Sum of squared distances to the centroids as they were before this round moved them. */
  readonly inertia: number;
  /** Sum of the squared distances that the centroids moved. */
  readonly shift: number;
  /** Rows whose cluster is another than in the round before; all of them in the first. */
  readonly movedRows: number;
  readonly emptyClusters: number;
}

const mostRounds = 8;
/** Bytes that the centroids of earlier rounds may take. */
const maxRingBytes = 64 * 2 ** 20;

export class LloydRounds {
  /** Rounds that one submission can hold. */
  readonly maxBatch: number;
  readonly #gpu: GpuContext;
  readonly #store: RowStore;
  readonly #centroids: CentroidSet;
  readonly #spherical: boolean;
  readonly #state: RowState;
  readonly #scope: BufferScope;
  readonly #slices: SumSlices;
  readonly #sort: LabelSort;
  readonly #sums: GPUBuffer;
  readonly #counts: GPUBuffer;
  readonly #squares: GPUBuffer;
  readonly #squareCount: number;
  readonly #changes: GPUBuffer;
  readonly #partials: GPUBuffer;
  readonly #partialCount: number;
  readonly #moved: GPUBuffer;
  readonly #chunks: readonly { readonly previous: GPUBuffer; readonly weights: GPUBuffer | undefined }[];
  readonly #figures: GPUBuffer;
  #ring: GPUBuffer | undefined;

  /**
   * @param weights u32, one for each row of the store: how often it counts. Once each when left out.
   * @param sketches how to sketch rows, where that pays (planSketches).
   */
  constructor(
    gpu: GpuContext,
    store: RowStore,
    centroids: CentroidSet,
    {
      weights,
      spherical,
      sketches,
    }: {
      readonly weights: Uint32Array | undefined;
      readonly spherical: boolean;
      readonly sketches?: SketchPlan | undefined;
    },
  ) {
    const { count, dim } = centroids;
    this.#gpu = gpu;
    this.#store = store;
    this.#centroids = centroids;
    this.#spherical = spherical;
    this.#slices = planSlices(store, count, gpu.maxBindingBytes, gpu.adapter.software);
    this.#state = new RowState(gpu, store, sketches);
    const scope = new BufferScope(gpu);
    this.#scope = scope;
    const { sliceCount } = this.#slices;
    this.#sort = labelSortBuffers(scope, Math.min(store.chunkRows, store.rowCount), count);
    this.#sums = scope.buffer("lloyd.sums", sliceCount * count * dim * 4);
    this.#counts = scope.buffer("lloyd.counts", sliceCount * count * 4);
    this.#squareCount = squaresByteLength(sliceCount, count, dim) / 4;
    this.#squares = scope.buffer("lloyd.squares", this.#squareCount * 4);
    this.#changes = scope.buffer("lloyd.changes", changesByteLength(count));
    this.#partialCount = divideUp(this.#squareCount, costBlockRows);
    this.#partials = scope.buffer("lloyd.partials", this.#partialCount * 4);
    this.#moved = scope.buffer("lloyd.moved", 4);
    this.#chunks = this.#state.chunks.map(({ firstRow, rowCount }) => ({
      previous: scope.buffer("lloyd.previous", rowCount * 4),
      weights: weights && scope.upload("lloyd.weights", weights.subarray(firstRow, firstRow + rowCount)),
    }));
    const ringRounds = Math.floor(maxRingBytes / (count * dim * 4));
    this.maxBatch = store.resident ? Math.max(1, Math.min(mostRounds, ringRounds)) : 1;
    this.#figures = scope.buffer("lloyd.figures", this.maxBatch * this.#figureBytes);
  }

  /** Works `count` rounds, at most maxBatch, and gives the figures of each. */
  async run(count: number): Promise<RoundFigures[]> {
    const gpu = this.#gpu;
    const chunks: RowChunk[] = [];
    if (this.#store.resident) await this.#store.forEachChunk((chunk) => void chunks.push(chunk));
    if (chunks.length === 1) {
      const [chunk] = chunks as [RowChunk];
      gpu.submit("lloyd", (recorder) => {
        for (let slot = 0; slot < count; slot++) {
          recorder.clear(this.#moved);
          this.#recordChunk(recorder, chunk);
          this.#recordEnd(recorder, slot);
          this.#recordKeep(recorder, slot, count);
        }
      });
    } else {
      // One submission for each chunk: the device works on the first while the next is recorded, and a long one would keep
      // its other users waiting. Nothing is read back before the last.
      for (let slot = 0; slot < count; slot++) {
        gpu.submit("lloyd.begin", (recorder) => recorder.clear(this.#moved));
        await this.#store.forEachChunk((chunk) =>
          gpu.submit("lloyd.chunk", (recorder) => this.#recordChunk(recorder, chunk)),
        );
        gpu.submit("lloyd.end", (recorder) => {
          this.#recordEnd(recorder, slot);
          this.#recordKeep(recorder, slot, count);
        });
      }
    }
    return this.#figuresOf(await gpu.read(this.#figures, count * this.#figureBytes), count);
  }

  /** Takes the centroids back to those of round `slot` of the last batch, which had more rounds than that. */
  restore(slot: number): void {
    this.#gpu.submit("lloyd.restore", (recorder) => {
      recorder.copy(this.#ringSlot(slot), this.#centroids.rows, this.#centroidBytes);
      this.#centroids.recordPrepare(recorder);
    });
  }

  destroy(): void {
    this.#state.destroy();
    this.#scope.destroy();
  }

  /** Keeps the centroids of a round that is not the batch's last, in case a stop rule holds there. */
  #recordKeep(recorder: Recorder, slot: number, count: number): void {
    if (slot + 1 < count) recorder.copy(this.#centroids.rows, this.#ringSlot(slot), this.#centroidBytes);
  }

  #recordChunk(recorder: Recorder, chunk: RowChunk): void {
    const { count: clusterCount, dim, rows: centroids } = this.#centroids;
    const { rowCount, firstRow } = chunk;
    const { labels } = this.#state.chunks[chunk.index]!;
    const { previous, weights } = this.#chunks[chunk.index]!;
    this.#state.recordAssign(recorder, chunk, this.#centroids, { labelsOnly: true });
    recordLabelSort(recorder, {
      ...this.#sort,
      labels,
      rowCount,
      clusterCount,
      previous,
      changes: this.#changes,
      moved: this.#moved,
    });
    recordKmeansSum(recorder, {
      ...this.#sort,
      ...this.#slices,
      rows: chunk.rows,
      rowCount,
      dim,
      firstRow,
      centroids,
      clusterCount,
      weights,
      sums: this.#sums,
      counts: this.#counts,
      squares: this.#squares,
    });
  }

  #recordEnd(recorder: Recorder, slot: number): void {
    const { totals, shifts, count } = this.#centroids;
    recordKmeansCost(recorder, {
      values: this.#squares,
      count: this.#squareCount,
      partials: this.#partials,
      firstPartial: 0,
    });
    this.#centroids.recordUpdate(recorder, {
      sums: this.#sums,
      counts: this.#counts,
      squares: this.#squares,
      changes: this.#changes,
      carries: true,
      sliceCount: this.#slices.sliceCount,
      spherical: this.#spherical,
    });
    let offset = slot * this.#figureBytes;
    for (const [buffer, words] of [
      [this.#partials, this.#partialCount],
      [shifts, count],
      [totals, count],
      [this.#moved, 1],
    ] as const) {
      recorder.copy(buffer, { buffer: this.#figures, offset, size: words * 4 }, words * 4);
      offset += words * 4;
    }
  }

  #figuresOf(bytes: ArrayBuffer, rounds: number): RoundFigures[] {
    const { count } = this.#centroids;
    return Array.from({ length: rounds }, (_, slot) => {
      const start = slot * this.#figureBytes;
      const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
      const shifts = start + this.#partialCount * 4;
      const [movedRows = 0] = new Uint32Array(bytes, shifts + count * 8, 1);
      return {
        inertia: sum(new Float32Array(bytes, start, this.#partialCount)),
        shift: sum(new Float32Array(bytes, shifts, count)),
        movedRows,
        emptyClusters: new Uint32Array(bytes, shifts + count * 4, count).filter((rows) => rows === 0).length,
      };
    });
  }

  get #figureBytes(): number {
    return (this.#partialCount + 2 * this.#centroids.count + 1) * 4;
  }

  get #centroidBytes(): number {
    return this.#centroids.count * this.#centroids.dim * 4;
  }

  #ringSlot(slot: number): { readonly buffer: GPUBuffer; readonly offset: number; readonly size: number } {
    this.#ring ??= this.#scope.buffer("lloyd.ring", this.maxBatch * this.#centroidBytes);
    return { buffer: this.#ring, offset: slot * this.#centroidBytes, size: this.#centroidBytes };
  }
}
