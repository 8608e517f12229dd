// Centroids on the device in the forms the kernels want: rows for the update, panels and half norms for the assignment.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { halfNormBuffer } from "../kernels/half_norms.ts";
import { type HalfRows, halfRows, recordHalfPack } from "../kernels/half_pack.ts";
import { screensInMatrices } from "../kernels/kmeans_screen.ts";
import { type KmeansUpdateInputs, nothingToCarry, recordKmeansUpdate } from "../kernels/kmeans_update.ts";
import { panelByteLength, recordPanelPack } from "../kernels/panel_pack.ts";

export class CentroidSet {
  readonly count: number;
  readonly dim: number;
  /** f32, count x dim. */
  readonly rows: GPUBuffer;
  readonly panels: GPUBuffer;
  /** Where the device screens in f16. */
  readonly halves: HalfRows | undefined;
  readonly halfNorms: GPUBuffer;
  /** u32, count: rows of each cluster, after `recordUpdate`. */
  readonly totals: GPUBuffer;
  /** f32, count: squared distance moved, after `recordUpdate`. */
  readonly shifts: GPUBuffer;
  readonly #scope: BufferScope;
  readonly #nothing: Readonly<Record<"sums" | "counts" | "squares" | "changes", GPUBuffer>>;

  /** Room for centroids; their rows are written by the caller, who then records `recordPrepare`. */
  constructor(gpu: GpuContext, count: number, dim: number) {
    this.count = count;
    this.dim = dim;
    this.#scope = new BufferScope(gpu);
    this.rows = this.#scope.buffer("centroids.rows", count * dim * 4);
    this.panels = this.#scope.buffer("centroids.panels", panelByteLength(count, dim));
    this.halves = screensInMatrices(gpu) ? halfRows(this.#scope, "centroids", count, dim) : undefined;
    this.halfNorms = halfNormBuffer(this.#scope, "centroids", count);
    this.totals = this.#scope.buffer("centroids.totals", count * 4);
    this.shifts = this.#scope.buffer("centroids.shifts", count * 4);
    this.#nothing = {
      ...nothingToCarry(this.#scope),
      sums: this.#scope.buffer("centroids.no_sums", 4),
      counts: this.#scope.buffer("centroids.no_counts", count * 4),
    };
  }

  static upload(gpu: GpuContext, centroids: Float32Array, dim: number): CentroidSet {
    const set = new CentroidSet(gpu, centroids.length / dim, dim);
    gpu.write(set.rows, 0, centroids);
    gpu.submit("centroids", (recorder) => set.recordPrepare(recorder));
    return set;
  }

  /** Computes panels and half norms of the rows as they are. */
  recordPrepare(recorder: Recorder): void {
    this.recordUpdate(recorder, { ...this.#nothing, sliceCount: 1 });
  }

  /** Moves the centroids to the means of their rows (empty clusters stay) and renews panels and half norms. */
  recordUpdate(
    recorder: Recorder,
    sums: Pick<
      KmeansUpdateInputs,
      "sums" | "counts" | "squares" | "changes" | "sliceCount" | "spherical" | "carries"
    >,
  ): void {
    recordKmeansUpdate(recorder, {
      ...sums,
      clusterCount: this.count,
      dim: this.dim,
      centroids: this.rows,
      halfNorms: this.halfNorms,
      totals: this.totals,
      shifts: this.shifts,
    });
    recordPanelPack(recorder, {
      rows: this.rows,
      panels: this.panels,
      rowCount: this.count,
      dim: this.dim,
    });
    if (this.halves !== undefined)
      recordHalfPack(recorder, {
        rows: this.rows,
        rowCount: this.count,
        dim: this.dim,
        ...this.halves,
      });
  }

  destroy(): void {
    this.#scope.destroy();
  }
}
