// Labels the rows of a store by their nearest centroid, the fastest exact way the device has: f32 over everything, or an
// f16 screen that settles most rows and f32 for the rest (kmeans_screen.wgsl proves that labels are the same), or sketches
// that rule out most centroids (sketched_assign.ts).
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { type HalfRows, halfRows, recordHalfPack } from "../kernels/half_pack.ts";
import { assignsByStretches, kmeansAssignLayout, recordKmeansAssign } from "../kernels/kmeans_assign.ts";
import { recordKmeansDuel } from "../kernels/kmeans_duel.ts";
import { recordKmeansPick, stretchCount } from "../kernels/kmeans_pick.ts";
import { recordKmeansScreen, screensInMatrices } from "../kernels/kmeans_screen.ts";
import { panelByteLength, recordPanelPack } from "../kernels/panel_pack.ts";
import { RowList } from "../kernels/row_list.ts";
import type { CentroidSet } from "./centroid_set.ts";
import type { RowChunk, RowStore } from "./row_store.ts";
import { SketchedAssign, type SketchPlan } from "./sketched_assign.ts";

export interface NearestOutputs {
  /** u32 and f32, one for each row of the chunk. */
  readonly labels: GPUBuffer;
  readonly distances: GPUBuffer;
  /** Leave `distances` as they are: cheaper. Default false. */
  readonly labelsOnly?: boolean;
  /** Keep what is there unless one of these centroids is nearer. Default false. */
  readonly resume?: boolean;
  /** Label of the first of these centroids. Default 0. */
  readonly firstLabel?: number;
  /** Let f16 or sketches settle what they can; else every score is computed in f32. Default true. */
  readonly screened?: boolean;
}

export class NearestCentroid {
  readonly #dim: number;
  readonly #scope: BufferScope;
  readonly #store: RowStore;
  readonly #layout: "panels" | "rows";
  readonly #byStretches: boolean;
  readonly #screens: boolean;
  #panels: GPUBuffer | undefined;
  #lists:
    | {
        readonly full: RowList;
        readonly duels: RowList;
        readonly scores: GPUBuffer;
        readonly candidates: GPUBuffer;
      }
    | undefined;
  readonly #sketched: SketchedAssign | undefined;

  /** @param sketches how to sketch rows, where that pays (planSketches). */
  constructor(gpu: GpuContext, store: RowStore, sketches?: SketchPlan) {
    this.#dim = store.dim;
    this.#scope = new BufferScope(gpu);
    this.#store = store;
    this.#layout = kmeansAssignLayout(gpu, store.dim);
    this.#byStretches = assignsByStretches(gpu, store.dim);
    this.#screens = screensInMatrices(gpu);
    if (sketches !== undefined && !this.#byStretches)
      this.#sketched = new SketchedAssign(gpu, store, sketches, () => this.#panelsOf());
  }

  record(recorder: Recorder, chunk: RowChunk, centroids: CentroidSet, outputs: NearestOutputs): void {
    const { halves } = centroids;
    const { labels, labelsOnly = false, resume = false, firstLabel = 0, screened = true } = outputs;
    // Only labels can be certain ahead of the full scores: distances and a resumed search need every row in f32.
    if (!labelsOnly || resume) {
      this.#recordExact(recorder, chunk, centroids, outputs);
      this.#sketched?.forget(chunk);
    } else if (this.#screens && halves !== undefined && screened)
      this.#recordScreened(recorder, chunk, centroids, halves, outputs);
    else if (this.#sketched !== undefined && firstLabel === 0 && screened) {
      const { buffer } = this.#sketched.record(recorder, chunk, centroids, labels);
      this.#recordExact(recorder, chunk, centroids, { ...outputs, list: buffer });
    } else this.#recordExact(recorder, chunk, centroids, outputs);
  }

  destroy(): void {
    this.#sketched?.destroy();
    this.#scope.destroy();
  }

  #recordExact(
    recorder: Recorder,
    { rows, rowCount }: RowChunk,
    centroids: CentroidSet,
    { list, ...outputs }: NearestOutputs & { readonly list?: GPUBuffer },
  ): void {
    const inPanels = this.#layout === "panels";
    if (inPanels)
      recordPanelPack(recorder, { rows, panels: this.#panelsOf(), rowCount, dim: this.#dim, list });
    recordKmeansAssign(recorder, {
      rows: inPanels ? this.#panelsOf() : rows,
      rowCount,
      dim: this.#dim,
      centroids: inPanels ? centroids.panels : centroids.rows,
      centroidCount: centroids.count,
      halfNorms: centroids.halfNorms,
      list,
      ...outputs,
    });
  }

  #recordScreened(
    recorder: Recorder,
    chunk: RowChunk,
    centroids: CentroidSet,
    centroidHalves: HalfRows,
    outputs: NearestOutputs,
  ): void {
    const { rowCount } = chunk;
    const stretches = stretchCount(centroids.count);
    const workgroupRows = this.#byStretches ? stretches : 1;
    this.#lists ??= {
      full: new RowList(this.#scope, "nearest", this.#mostRows, { workgroupRows }),
      duels: new RowList(this.#scope, "nearest.duels", this.#mostRows, { width: 2 }),
      scores: this.#scope.buffer("nearest.scores", this.#mostRows * workgroupRows * 4),
      candidates: this.#scope.buffer("nearest.candidates", this.#mostRows * workgroupRows * 4),
    };
    const { full, duels, scores, candidates } = this.#lists;
    const { halfNorms } = centroids;
    full.recordClear(recorder);
    duels.recordClear(recorder);
    recordKmeansScreen(recorder, {
      rows: this.#halvesOf(recorder, chunk),
      rowCount,
      dim: this.#dim,
      centroids: centroidHalves,
      centroidCount: centroids.count,
      halfNorms,
      labels: outputs.labels,
      list: full.buffer,
      duels: duels.buffer,
    });
    recordKmeansDuel(recorder, {
      rows: chunk.rows,
      centroids: centroids.rows,
      dim: this.#dim,
      halfNorms,
      duels: duels.buffer,
      labels: outputs.labels,
    });
    const list = full.buffer;
    if (!this.#byStretches) {
      this.#recordExact(recorder, chunk, centroids, { ...outputs, list });
    } else {
      // A list is short: its rows meet stretches of the centroids side by side.
      this.#recordExact(recorder, chunk, centroids, { labels: candidates, distances: scores, list });
      recordKmeansPick(recorder, { list, stretches, scores, candidates, labels: outputs.labels });
    }
  }

  #halvesOf(recorder: Recorder, chunk: RowChunk): HalfRows {
    const { rows, rowCount } = chunk;
    return this.#store.forms.of<HalfRows>(chunk, {
      kind: "halves",
      room: (scope, count) => halfRows(scope, "rows", count, this.#dim),
      fill: (halves) => recordHalfPack(recorder, { rows, rowCount, dim: this.#dim, ...halves }),
    });
  }

  #panelsOf(): GPUBuffer {
    this.#panels ??= this.#scope.buffer("nearest.panels", panelByteLength(this.#mostRows, this.#dim));
    return this.#panels;
  }

  get #mostRows(): number {
    return Math.min(this.#store.chunkRows, this.#store.rowCount);
  }
}
