// The assignment kernel on rows that are on the device in the form it wants, chunk by chunk as k-means does: what a round asks of
// it, and nothing else.
import type { RowStore } from "../../src/dedup/row_store.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { BufferScope } from "../../src/kernels/buffer_scope.ts";
import { type KmeansAssignInputs, recordKmeansAssign } from "../../src/kernels/kmeans_assign.ts";
import { panelByteLength, recordPanelPack } from "../../src/kernels/panel_pack.ts";

export interface AssignVariant {
  /** Name of the measurement. */
  readonly title: string;
}

export class ResidentAssign {
  readonly #gpu: GpuContext;
  readonly #scope: BufferScope;
  readonly #chunks: readonly KmeansAssignInputs[];

  /** What this device can run, each with a name of its own. */
  static variants(_gpu: GpuContext): readonly AssignVariant[] {
    return [{ title: "assign" }];
  }

  static async prepare(
    gpu: GpuContext,
    store: RowStore,
    centroids: Float32Array,
    _variant: AssignVariant,
  ): Promise<ResidentAssign> {
    const scope = new BufferScope(gpu);
    const { dim } = store;
    const centroidCount = centroids.length / dim;
    const pack = (rows: GPUBuffer, rowCount: number): GPUBuffer => {
      const panels = scope.buffer("bench.panels", panelByteLength(rowCount, dim));
      gpu.submit("bench.pack", (recorder) => recordPanelPack(recorder, { rows, panels, rowCount, dim }));
      return panels;
    };
    const centroidPanels = pack(scope.upload("bench.centroids", centroids), centroidCount);
    const halfNorms = scope.upload(
      "bench.half_norms",
      Float32Array.from({ length: centroidCount }, (_, c) =>
        centroids.subarray(c * dim, (c + 1) * dim).reduce((sum, x) => sum + (x * x) / 2, 0),
      ),
    );
    const chunks: KmeansAssignInputs[] = [];
    await store.forEachChunk(({ rows, rowCount }) => {
      chunks.push({
        rowPanels: pack(rows, rowCount),
        rowCount,
        dim,
        centroidPanels,
        centroidCount,
        halfNorms,
        labels: scope.buffer("bench.labels", rowCount * 4),
        distances: scope.buffer("bench.distances", rowCount * 4),
      });
    });
    await gpu.settle();
    return new ResidentAssign(gpu, scope, chunks);
  }

  private constructor(gpu: GpuContext, scope: BufferScope, chunks: readonly KmeansAssignInputs[]) {
    this.#gpu = gpu;
    this.#scope = scope;
    this.#chunks = chunks;
  }

  submit(): void {
    this.#gpu.submit("bench", (recorder) => {
      for (const chunk of this.#chunks) recordKmeansAssign(recorder, chunk);
    });
  }

  async labels(): Promise<Uint32Array> {
    const rowCount = this.#chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
    const labels = new Uint32Array(rowCount);
    let first = 0;
    for (const chunk of this.#chunks) {
      labels.set(await this.#gpu.readUints(chunk.labels, chunk.rowCount), first);
      first += chunk.rowCount;
    }
    return labels;
  }

  /** Squared distances of chosen rows, ascending. */
  async distances(rows: readonly number[]): Promise<Float32Array> {
    const found: number[] = [];
    let first = 0;
    for (const chunk of this.#chunks) {
      const values = await this.#gpu.readFloats(chunk.distances, chunk.rowCount);
      for (const row of rows)
        if (row >= first && row < first + chunk.rowCount) found.push(values[row - first]!);
      first += chunk.rowCount;
    }
    return Float32Array.from(found);
  }

  destroy(): void {
    this.#scope.destroy();
  }
}
