// How a collection of rows is cut into GPU buffers: whole panels under the device's binding limit. Chunks of a multiple of
// 1024 rows keep every partial sum whole, so results do not depend on the chunk size.
import { divideUp } from "../gpu/grid.ts";
import { labelTileRows } from "../kernels/kmeans_rank.ts";
import { type SumSlices, squaresByteLength } from "../kernels/kmeans_sum.ts";
import { labelTableByteLength } from "../kernels/label_sort.ts";

export interface ChunkLimits {
  /** Bytes one storage binding may span (GpuContext.maxBindingBytes). */
  readonly maxBindingBytes: number;
  /** A smaller ceiling, for tests and tight memory. Default 512 MiB. */
  readonly maxChunkBytes?: number | undefined;
}

const defaultChunkBytes = 512 * 2 ** 20;
const maxChunkRows = 2 ** 20;

/** Rows of one chunk: a multiple of 1024, else of 64, else what fits; at least 1. */
export function planChunkRows(dim: number, { maxBindingBytes, maxChunkBytes }: ChunkLimits): number {
  const rowBytes = Math.max(dim, 1) * 4;
  if (rowBytes * 64 > maxBindingBytes) {
    throw new RangeError(
      `Cannot work on rows of this dimension as 64 of them exceed the ${maxBindingBytes} bytes that the device binds: ${dim}`,
    );
  }
  const bytes = Math.min(maxBindingBytes, maxChunkBytes ?? defaultChunkBytes);
  const rows = Math.min(maxChunkRows, Math.max(1, Math.floor(bytes / rowBytes)));
  const step = [1024, 64, 1].find((size) => size <= rows)!;
  return rows - (rows % step);
}

/** Bytes that the sums of all slices may take: more slices than keep a device busy only cost memory traffic. */
const maxSumsBytes = 64 * 2 ** 20;
/** Workgroups of kmeans_sum that keep a large device, or the few threads of a software adapter, busy though clusters differ in size. */
const busyWorkgroups = { large: 8192, software: 512 } as const;
const maxSlices = 128;
/** Tiles after which it is the first slice's turn again: those of a chunk of 2^18 rows. */
const tilesPerTurn = 256;

/** How the rows of a collection are dealt out to slices of the cluster sums on a device, however they are cut into chunks. */
export function planSlices(
  {
    rowCount,
    chunkRows,
    dim,
  }: { readonly rowCount: number; readonly chunkRows: number; readonly dim: number },
  clusterCount: number,
  maxBindingBytes: number,
  software = false,
): SumSlices {
  const sliceBytes = Math.max(clusterCount * dim * 4, squaresByteLength(1, clusterCount, dim), 4);
  const tableBytes = labelTableByteLength(Math.min(chunkRows, rowCount), clusterCount);
  if (Math.max(sliceBytes, tableBytes) > maxBindingBytes) {
    throw new RangeError(
      `Cannot make so many clusters as their sums exceed the ${maxBindingBytes} bytes that the device binds: ${clusterCount} x ${dim}`,
    );
  }
  const fitting = Math.floor(Math.min(maxBindingBytes, maxSumsBytes) / sliceBytes);
  const wanted = Math.min(
    fitting,
    maxSlices,
    Math.floor(busyWorkgroups[software ? "software" : "large"] / clusterCount),
  );
  const runTiles = Math.floor(tilesPerTurn / Math.max(1, wanted));
  const runCount = divideUp(divideUp(rowCount, labelTileRows), runTiles);
  return { sliceCount: Math.max(1, Math.min(wanted, runCount)), runTiles };
}
