// Copies chosen rows of a store into a small resident store of their own, in the order asked for. One pass over the store.
import type { GpuContext } from "../gpu/context.ts";
import { type RowStore, residentStore } from "./row_store.ts";

/** @param rows indices in the store, each below rowCount, in any order. */
export async function gatherRows(
  gpu: GpuContext,
  store: RowStore,
  rows: readonly number[],
): Promise<RowStore> {
  const { dim, chunkRows } = store;
  const rowBytes = dim * 4;
  const buffers: GPUBuffer[] = [];
  for (let first = 0; first < rows.length; first += chunkRows) {
    const count = Math.min(chunkRows, rows.length - first);
    buffers.push(gpu.buffer("gather.rows", count * rowBytes));
  }
  const wanted = rows.map((row, place) => ({ row, place })).sort((a, b) => a.row - b.row);
  let next = 0;
  await store.forEachChunk((chunk) => {
    const end = chunk.firstRow + chunk.rowCount;
    gpu.submit("gather", (recorder) => {
      for (; next < wanted.length && wanted[next]!.row < end; next++) {
        const { row, place } = wanted[next]!;
        recorder.copy(
          { buffer: chunk.rows, offset: (row - chunk.firstRow) * rowBytes, size: rowBytes },
          {
            buffer: buffers[Math.floor(place / chunkRows)]!,
            offset: (place % chunkRows) * rowBytes,
            size: rowBytes,
          },
          rowBytes,
        );
      }
    });
  });
  return residentStore({ rowCount: rows.length, dim, chunkRows, setAside: [] }, buffers);
}
