// How a collection of rows is cut into GPU buffers: whole panels under the device's binding limit. Chunks of a multiple of
// 1024 rows keep every partial sum whole, so results do not depend on the chunk size.

export interface ChunkLimits {
  /** Bytes one storage binding may span (GpuContext.maxBindingBytes). */
  readonly maxBindingBytes: number;
  /** A smaller ceiling, for tests and tight memory. Default 256 MiB. */
  readonly maxChunkBytes?: number | undefined;
}

const defaultChunkBytes = 256 * 2 ** 20;
const maxChunkRows = 2 ** 18;

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

/** Slices of the cluster sums: enough to keep a device busy, few enough to stay under 64 MiB. */
export function planSlices(
  rowCount: number,
  clusterCount: number,
  dim: number,
  maxBindingBytes: number,
): number {
  const sliceBytes = Math.max(clusterCount * Math.max(dim, 1) * 4, 4);
  if (sliceBytes > maxBindingBytes) {
    throw new RangeError(
      `Cannot make so many clusters as their centroids exceed the ${maxBindingBytes} bytes that the device binds: ${clusterCount} x ${dim}`,
    );
  }
  const fitting = Math.floor(Math.min(maxBindingBytes, 64 * 2 ** 20) / sliceBytes);
  return Math.max(1, Math.min(fitting, 128, Math.ceil(rowCount / 1024)));
}
