// Assigns rows to their nearest centroids by sketches, exactly: a label to begin with, its score in full, every other
// centroid that a bound does not rule out, and the scores of those in full. Labels equal those of kmeans_assign, which
// works the rows that too many centroids are left for. All of it on the device, with nothing read back.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { pairsByteLength, prunesFast, recordKmeansPrune } from "../kernels/kmeans_prune.ts";
import { recordKmeansScore } from "../kernels/kmeans_score.ts";
import { recordKmeansSettle } from "../kernels/kmeans_settle.ts";
import { panelByteLength, recordPanelPack } from "../kernels/panel_pack.ts";
import { RowList } from "../kernels/row_list.ts";
import { recordRowSketch, rowSketchLayout, sketchFloats, sketchWidth } from "../kernels/row_sketch.ts";
import type { CentroidSet } from "./centroid_set.ts";
import { gatherRows } from "./gather.ts";
import { sampleDistinct } from "./random.ts";
import type { RowChunk, RowStore } from "./row_store.ts";
import { findSketchBasis } from "./sketch_basis.ts";

/** How the rows of a store are to be sketched. */
export interface SketchPlan {
  /** f32, dim x 64 (findSketchBasis). */
  readonly basis: Float32Array;
  /** Centroids that may be left for a row. Default: as many as cost what kmeans_assign does. */
  readonly rowPairs?: number | undefined;
}

/** What one pair costs in kmeans_settle, and one centroid in kmeans_prune, beside one in kmeans_assign at 64 dimensions. */
const pairCost = 22;
const pruneCost = 1.4;
/** Open centroids of a row up to which it costs less than in kmeans_assign, as a share of all. */
const openShare = 1 / pairCost;
/** The share of what kmeans_assign costs that sketches have to spare. */
const leastGain = 0.25;
const trialRows = 1024;
const trialStream = 91;

/**
 * Finds how to sketch a store's rows, and tries it on some: undefined where too many of the centroids stay in question,
 * and where so few rows, dimensions or centroids, rows that stream, or the device would gain nothing.
 */
export async function planSketches(
  gpu: GpuContext,
  store: RowStore,
  centroids: CentroidSet,
): Promise<SketchPlan | undefined> {
  const { rowCount, dim, resident } = store;
  const large = dim >= 4 * sketchWidth && centroids.count >= 2 * sketchWidth && rowCount >= 8 * trialRows;
  if (!large || !resident || !prunesFast(gpu)) return undefined;
  const plan: SketchPlan = { basis: await findSketchBasis(gpu, store) };
  const sample = await gatherRows(gpu, store, sampleDistinct(trialRows, rowCount, 0, trialStream));
  try {
    return await BufferScope.run(gpu, async (scope) => {
      const panels = () => scope.buffer("sketched.trial_panels", panelByteLength(trialRows, dim));
      const labels = scope.buffer("sketched.trial_labels", trialRows * 4);
      const trial = new SketchedAssign(gpu, sample, plan, panels);
      let cost = 0;
      await sample.forEachChunk(async (chunk) => {
        // The second time from the labels of the first, as in the rounds that follow one another.
        for (let round = 0; round < 2; round++)
          gpu.submit("sketched.trial", (recorder) => void trial.record(recorder, chunk, centroids, labels));
        cost += (chunk.rowCount / trialRows) * (await trial.readCost(gpu, chunk.rowCount, centroids));
      });
      trial.destroy();
      return cost < 1 - leastGain ? plan : undefined;
    });
  } finally {
    sample.destroy();
  }
}

export class SketchedAssign {
  readonly #store: RowStore;
  readonly #plan: SketchPlan;
  readonly #panelsOf: () => GPUBuffer;
  readonly #inPanels: boolean;
  readonly #scope: BufferScope;
  readonly #basis: GPUBuffer;
  readonly #scores: GPUBuffer;
  readonly #list: RowList;
  /** The centroids that the labels of a chunk came from. */
  readonly #labelled = new Map<number, CentroidSet>();
  #centroidSketches: GPUBuffer | undefined;
  #pairs: { readonly rowPairs: number; readonly buffer: GPUBuffer } | undefined;

  /** @param panelsOf gives room for the panels of a chunk's rows (panelByteLength of the largest chunk), if they are wanted. */
  constructor(gpu: GpuContext, store: RowStore, plan: SketchPlan, panelsOf: () => GPUBuffer) {
    this.#store = store;
    this.#plan = plan;
    this.#panelsOf = panelsOf;
    this.#inPanels = rowSketchLayout(gpu, store.dim) === "panels";
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
    const { rowPairs, buffer: pairs } = this.#pairsFor(centroidCount);
    const scores = this.#scores;
    const pruned = {
      rows: this.#sketchesOf(recorder, chunk),
      rowCount,
      centroids: this.#centroidsOf(recorder, centroids),
      centroidCount,
      halfNorms,
      scores,
      labels,
      rowPairs,
      pairs,
      list: this.#list.buffer,
    };
    const full = { rows, rowCount, dim, centroids: centroids.rows, halfNorms, labels, scores };
    if (this.#labelled.get(index) !== centroids) recordKmeansPrune(recorder, { ...pruned, search: true });
    this.#labelled.set(index, centroids);
    recordKmeansScore(recorder, full);
    this.#list.recordClear(recorder);
    recordKmeansPrune(recorder, pruned);
    recordKmeansSettle(recorder, { ...full, pairs, rowPairs });
    return this.#list;
  }

  /** Tells that the labels of a chunk may be of other centroids now. */
  forget({ index }: RowChunk): void {
    this.#labelled.delete(index);
  }

  /** What the last pass cost, of which rowCount rows were, as a share of what kmeans_assign would have. */
  async readCost(gpu: GpuContext, rowCount: number, { count, dim }: CentroidSet): Promise<number> {
    const { rowPairs, buffer } = this.#pairsFor(count);
    const all = await gpu.readUints(buffer, pairsByteLength(rowCount, rowPairs) / 4);
    const pairCount = all.reduce((sum, value, at) => sum + (at % (1 + rowPairs) === 0 ? value : 0), 0);
    const listed = await this.#list.read(gpu);
    const [pairs, left] = [pairCount / rowCount / count, listed.length / rowCount];
    return (pruneCost * sketchWidth) / dim + pairCost * pairs + left;
  }

  destroy(): void {
    this.#scope.destroy();
  }

  /** By basis: the rounds and the assignment that follows them share them. */
  #sketchesOf(recorder: Recorder, chunk: RowChunk): GPUBuffer {
    const { rows, rowCount } = chunk;
    return this.#store.forms.of<GPUBuffer>(chunk, {
      kind: this.#plan.basis,
      room: (scope, count) => scope.buffer("sketched.rows", count * sketchFloats * 4),
      fill: (sketches) => {
        const shape = { rowCount, dim: this.#store.dim };
        const laidOut = this.#inPanels ? this.#panelsOf() : rows;
        if (this.#inPanels) recordPanelPack(recorder, { rows, panels: laidOut, ...shape });
        recordRowSketch(recorder, { basis: this.#basis, rows: laidOut, sketches, ...shape });
      },
    });
  }

  #centroidsOf(recorder: Recorder, { rows, panels, count, dim }: CentroidSet): GPUBuffer {
    const byteLength = count * sketchFloats * 4;
    if (this.#centroidSketches === undefined || this.#centroidSketches.size < byteLength)
      this.#centroidSketches = this.#scope.buffer("sketched.centroids", byteLength);
    const sketches = this.#centroidSketches;
    const laidOut = this.#inPanels ? panels : rows;
    recordRowSketch(recorder, { basis: this.#basis, rows: laidOut, rowCount: count, dim, sketches });
    return sketches;
  }

  #pairsFor(centroidCount: number): { readonly rowPairs: number; readonly buffer: GPUBuffer } {
    // Room of at most half of what the rows themselves take.
    const fitting = Math.min(centroidCount * openShare, this.#store.dim / 2);
    const rowPairs = this.#plan.rowPairs ?? Math.max(1, Math.floor(fitting));
    if (this.#pairs?.rowPairs !== rowPairs) {
      const buffer = this.#scope.buffer("sketched.pairs", pairsByteLength(this.#mostRows, rowPairs));
      this.#pairs = { rowPairs, buffer };
    }
    return this.#pairs!;
  }

  get #mostRows(): number {
    return Math.min(this.#store.chunkRows, this.#store.rowCount);
  }
}
