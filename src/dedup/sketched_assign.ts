// Assigns rows to their nearest centroids by sketches, exactly: a label to begin with, its score in full, every other
// centroid that a bound does not rule out, and the scores of those in full. Labels equal those of kmeans_assign, which
// works the rows that too many centroids are left for. All of it on the device, with nothing read back.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { pairsByteLength, prunesFast, recordKmeansPrune } from "../kernels/kmeans_prune.ts";
import { recordKmeansScore } from "../kernels/kmeans_score.ts";
import { recordKmeansSettle } from "../kernels/kmeans_settle.ts";
import { recordPanelPack } from "../kernels/panel_pack.ts";
import { RowList } from "../kernels/row_list.ts";
import { recordRowSketch, sketchFloats, sketchWidth } from "../kernels/row_sketch.ts";
import type { CentroidSet } from "./centroid_set.ts";
import type { RowChunk, RowStore } from "./row_store.ts";
import { findSketchBasis } from "./sketch_basis.ts";

/** How the rows of a store are to be sketched. */
export interface SketchPlan {
  /** f32, dim x 64 (findSketchBasis). */
  readonly basis: Float32Array;
  /** Centroids that may be left for 64 rows together. Default: as many as cost what kmeans_assign does. */
  readonly blockPairs?: number | undefined;
}

/** Pairs that cost what kmeans_assign does for one row, as a share of the centroids. */
const breakEven = 1 / 6;
/** They take 4 bytes each. */
const mostPairsPerRow = 120;

/** Finds how to sketch a store's rows; undefined where the device, or so few rows, dimensions or centroids, gain nothing. */
export async function planSketches(
  gpu: GpuContext,
  store: RowStore,
  centroidCount: number,
): Promise<SketchPlan | undefined> {
  const pays = store.dim >= 4 * sketchWidth && centroidCount >= 2 * sketchWidth && store.rowCount >= 4096;
  return pays && prunesFast(gpu) ? { basis: await findSketchBasis(gpu, store) } : undefined;
}

export class SketchedAssign {
  readonly #store: RowStore;
  readonly #plan: SketchPlan;
  readonly #panels: GPUBuffer;
  readonly #scope: BufferScope;
  readonly #basis: GPUBuffer;
  readonly #scores: GPUBuffer;
  readonly #list: RowList;
  /** Sketches by chunk; one for all chunks where the store does not keep its rows. */
  readonly #sketches = new Map<number, GPUBuffer>();
  /** The centroids that the labels of a chunk came from. */
  readonly #labelled = new Map<number, CentroidSet>();
  #centroidSketches: GPUBuffer | undefined;
  #pairs: { readonly blockPairs: number; readonly buffer: GPUBuffer } | undefined;

  /** @param panels where the panels of a chunk's rows may be written (panelByteLength of the largest chunk). */
  constructor(gpu: GpuContext, store: RowStore, plan: SketchPlan, panels: GPUBuffer) {
    this.#store = store;
    this.#plan = plan;
    this.#panels = panels;
    this.#scope = new BufferScope(gpu);
    this.#basis = this.#scope.upload("sketched.basis", plan.basis);
    this.#scores = this.#scope.buffer("sketched.scores", this.#mostRows * 4);
    this.#list = new RowList(this.#scope, "sketched", this.#mostRows);
  }

  /**
   * Labels the rows of a chunk, save those of the list that it gives, which are for recordKmeansAssign.
   * Where it labelled the chunk for the same set before, `labels` must still hold labels of that set.
   */
  record(recorder: Recorder, chunk: RowChunk, centroids: CentroidSet, labels: GPUBuffer): RowList {
    const { rows, rowCount, index } = chunk;
    const { dim, count: centroidCount, halfNorms } = centroids;
    const { blockPairs, buffer: pairs } = this.#pairsFor(centroidCount);
    const scores = this.#scores;
    const pruned = {
      rows: this.#sketchesOf(recorder, chunk),
      rowCount,
      centroids: this.#centroidsOf(recorder, centroids),
      centroidCount,
      halfNorms,
      scores,
      labels,
      blockPairs,
      pairs,
      list: this.#list.buffer,
    };
    const full = { rows, rowCount, dim, centroids: centroids.rows, halfNorms, labels, scores };
    if (this.#labelled.get(index) !== centroids) recordKmeansPrune(recorder, { ...pruned, search: true });
    this.#labelled.set(index, centroids);
    recordKmeansScore(recorder, full);
    this.#list.recordClear(recorder);
    recordKmeansPrune(recorder, pruned);
    recordKmeansSettle(recorder, { ...full, pairs, blockPairs });
    return this.#list;
  }

  destroy(): void {
    this.#scope.destroy();
  }

  #sketchesOf(recorder: Recorder, { index, rows, rowCount }: RowChunk): GPUBuffer {
    const { resident } = this.#store;
    const kept = this.#sketches.get(resident ? index : 0);
    if (kept !== undefined && resident) return kept;
    const sketches =
      kept ?? this.#scope.buffer("sketched.rows", (resident ? rowCount : this.#mostRows) * sketchFloats * 4);
    this.#sketches.set(resident ? index : 0, sketches);
    const panels = this.#panels;
    const shape = { rowCount, dim: this.#store.dim };
    recordPanelPack(recorder, { rows, panels, ...shape });
    recordRowSketch(recorder, { basis: this.#basis, panels, sketches, ...shape });
    return sketches;
  }

  #centroidsOf(recorder: Recorder, { panels, count, dim }: CentroidSet): GPUBuffer {
    const byteLength = count * sketchFloats * 4;
    if (this.#centroidSketches === undefined || this.#centroidSketches.size < byteLength)
      this.#centroidSketches = this.#scope.buffer("sketched.centroids", byteLength);
    const sketches = this.#centroidSketches;
    recordRowSketch(recorder, { basis: this.#basis, panels, rowCount: count, dim, sketches });
    return sketches;
  }

  #pairsFor(centroidCount: number): { readonly blockPairs: number; readonly buffer: GPUBuffer } {
    const perRow = Math.min(mostPairsPerRow, Math.max(1, centroidCount * breakEven));
    const blockPairs = this.#plan.blockPairs ?? Math.ceil(perRow * 64);
    if (this.#pairs?.blockPairs !== blockPairs) {
      const buffer = this.#scope.buffer("sketched.pairs", pairsByteLength(this.#mostRows, blockPairs));
      this.#pairs = { blockPairs, buffer };
    }
    return this.#pairs!;
  }

  get #mostRows(): number {
    return Math.min(this.#store.chunkRows, this.#store.rowCount);
  }
}
