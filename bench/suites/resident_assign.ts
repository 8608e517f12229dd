// The assignment as k-means does it, on rows that are on the device: what each round asks for, and nothing else. Where sketches
// are used, every pass but the first has the labels of the one before to begin with, as rounds have.
import { CentroidSet } from "../../src/dedup/centroid_set.ts";
import { RowState } from "../../src/dedup/row_state.ts";
import type { RowChunk, RowStore } from "../../src/dedup/row_store.ts";
import { planSketches, type SketchPlan } from "../../src/dedup/sketched_assign.ts";
import type { GpuContext } from "../../src/gpu/context.ts";

export interface AssignKind {
  /** Only labels are wanted, so that the device may screen in f16; else distances too, which takes f32 throughout. */
  readonly labelsOnly: boolean;
  /** Whether f16 or sketches may settle what they can. Default true. */
  readonly screened?: boolean;
}

export class ResidentAssign {
  readonly #kind: AssignKind;
  readonly #gpu: GpuContext;
  readonly #state: RowState;
  readonly #centroids: CentroidSet;
  readonly #chunks: RowChunk[] = [];

  static async prepare(
    gpu: GpuContext,
    store: RowStore,
    centroids: Float32Array,
    kind: AssignKind,
  ): Promise<ResidentAssign> {
    const set = CentroidSet.upload(gpu, centroids, store.dim);
    const sketches = kind.screened === false ? undefined : await planSketches(gpu, store, set);
    const assign = new ResidentAssign(gpu, store, set, kind, sketches);
    await store.forEachChunk((chunk) => void assign.#chunks.push(chunk));
    return assign;
  }

  private constructor(
    gpu: GpuContext,
    store: RowStore,
    centroids: CentroidSet,
    kind: AssignKind,
    sketches: SketchPlan | undefined,
  ) {
    this.#kind = kind;
    this.#gpu = gpu;
    this.#state = new RowState(gpu, store, sketches);
    this.#centroids = centroids;
  }

  /** Assigns all rows once. */
  submit(): void {
    for (const chunk of this.#chunks)
      this.#gpu.submit("bench", (recorder) =>
        this.#state.recordAssign(recorder, chunk, this.#centroids, this.#kind),
      );
  }

  /** Sum of the squared distances, where they were wanted. */
  async cost(): Promise<number> {
    return await this.#state.cost();
  }

  /** u32, where the labels of each chunk are. */
  get labelBuffers(): readonly GPUBuffer[] {
    return this.#state.chunks.map(({ labels }) => labels);
  }

  async labels(): Promise<Uint32Array> {
    const rowCount = this.#chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
    const labels = new Uint32Array(rowCount);
    for (const { index, firstRow, rowCount: count } of this.#chunks)
      labels.set(await this.#gpu.readUints(this.#state.chunks[index]!.labels, count), firstRow);
    return labels;
  }

  destroy(): void {
    this.#state.destroy();
    this.#centroids.destroy();
  }
}
