// Rows of a plan made on the device itself, as a store that k-means takes: 10,000,000 x 512 are 20 GB that nobody uploads.
import { planChunkRows } from "../src/dedup/chunk_plan.ts";
import { type RowStore, residentStore } from "../src/dedup/row_store.ts";
import type { GpuContext } from "../src/gpu/context.ts";
import { BenchShader } from "./bench_shader.ts";
import type { EmbeddingPlan } from "./embedding_data.ts";

/** @param maxChunkBytes ceiling for one buffer of rows; default: that of a row store. */
export async function residentRows(
  gpu: GpuContext,
  plan: EmbeddingPlan,
  maxChunkBytes?: number,
): Promise<RowStore> {
  const { rowCount, dim } = plan;
  const chunkRows = planChunkRows(dim, { maxBindingBytes: gpu.maxBindingBytes, maxChunkBytes });
  const shader = new BenchShader(gpu, "embedding_fill");
  const buffers: GPUBuffer[] = [];
  for (let firstRow = 0; firstRow < rowCount; firstRow += chunkRows) {
    const count = Math.min(chunkRows, rowCount - firstRow);
    const rows = gpu.buffer("bench.rows", count * dim * 4);
    const width = Math.min(count, 32_768);
    shader.submit({
      params: {
        row_count: count,
        dim,
        first_row: firstRow,
        seed: plan.seed,
        center_count: plan.centerCount,
        planted_every: plan.plantedEvery,
        group_rows: plan.groupRows,
        kind: ["uniform", "clustered", "falling"].indexOf(plan.kind),
      },
      buffers: [rows],
      grid: [width, Math.ceil(count / width)],
    });
    buffers.push(rows);
  }
  await gpu.settle();
  return residentStore(gpu, { rowCount, dim, chunkRows, setAside: [] }, buffers);
}
