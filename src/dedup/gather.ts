// Copies chosen rows of a store into a small resident store of their own, in the order asked for. One pass over the store.
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { recordRowGather } from "../kernels/row_gather.ts";
import { type RowStore, residentStore } from "./row_store.ts";

/** @param rows indices in the store, each below rowCount, in any order. */
export async function gatherRows(
  gpu: GpuContext,
  store: RowStore,
  rows: readonly number[],
): Promise<RowStore> {
  const { dim, chunkRows } = store;
  const buffers: GPUBuffer[] = [];
  for (let first = 0; first < rows.length; first += chunkRows) {
    const count = Math.min(chunkRows, rows.length - first);
    buffers.push(gpu.buffer("gather.rows", count * dim * 4));
  }
  const wanted = rows.map((row, place) => ({ row, place })).sort((a, b) => a.row - b.row);
  let next = 0;
  await BufferScope.run(gpu, async (scope) => {
    await store.forEachChunk((chunk) => {
      const end = chunk.firstRow + chunk.rowCount;
      const places: number[][] = buffers.map(() => []);
      for (; next < wanted.length && wanted[next]!.row < end; next++) {
        const { row, place } = wanted[next]!;
        places[Math.floor(place / chunkRows)]!.push(row - chunk.firstRow, place % chunkRows);
      }
      for (const [index, gathered] of buffers.entries()) {
        const pairs = Uint32Array.from(places[index]!);
        if (pairs.length === 0) continue;
        const uploaded = scope.upload("gather.places", pairs);
        gpu.submit("gather", (recorder) =>
          recordRowGather(recorder, {
            rows: chunk.rows,
            places: uploaded,
            count: pairs.length / 2,
            dim,
            gathered,
          }),
        );
      }
    });
  });
  return residentStore(gpu, { rowCount: rows.length, dim, chunkRows, setAside: [] }, buffers);
}
