// Reads each row once and adds it to the sum of its cluster; memory limits it. The second row is the whole step from labels
// to new centroids: sorting, adding up, moving.
import { planSlices } from "../src/dedup/chunk_plan.ts";
import type { GpuContext } from "../src/gpu/context.ts";
import type { BufferScope } from "../src/kernels/buffer_scope.ts";
import { halfNormBuffer } from "../src/kernels/half_norms.ts";
import { recordKmeansSum, squaresByteLength } from "../src/kernels/kmeans_sum.ts";
import { recordKmeansUpdate } from "../src/kernels/kmeans_update.ts";
import { labelSortBuffers, recordLabelSort } from "../src/kernels/label_sort.ts";
import { kmeansSum } from "../src/reference/kmeans_sum.ts";
import { type Bench, type BenchRow, benchValues, closeTo, measure } from "./harness.ts";
import { labelSizes, skewedLabels } from "./labels.ts";

const dim = 512;
const pieceBytes = 64 * 2 ** 20;

export const run: Bench = async (gpu, { quick }) => {
  // Rows of one binding, as in a chunk of k-means.
  const largest = Math.floor(gpu.maxBindingBytes / (dim * 4));
  const rows: BenchRow[] = [];
  for (const [wanted, clusterCount] of labelSizes(gpu, quick)) {
    const rowCount = Math.min(wanted, largest);
    const shape = { rowCount, dim, clusterCount, firstRow: 0 };
    const values = benchValues(rowCount * dim, 1);
    const centers = benchValues(clusterCount * dim, 2);
    const labelValues = skewedLabels(rowCount, clusterCount);
    const slices = planSlices({ rowCount, chunkRows: rowCount, dim }, clusterCount, gpu.maxBindingBytes);
    const { sliceCount } = slices;
    const squareWords = squaresByteLength(sliceCount, clusterCount, dim) / 4;
    for (const name of ["kmeans_sum", "kmeans_step"] as const) {
      rows.push(
        await measure(gpu, async (scope) => {
          const sorting = {
            ...labelSortBuffers(scope, rowCount, clusterCount),
            labels: scope.upload("bench.labels", labelValues),
            previous: scope.buffer("bench.previous", rowCount * 4),
            moved: scope.buffer("bench.moved", 4),
          };
          const buffers = {
            rows: await uploadRows(gpu, scope, values),
            centroids: scope.upload("bench.centroids", centers),
            sums: scope.buffer("bench.sums", sliceCount * clusterCount * dim * 4),
            counts: scope.buffer("bench.counts", sliceCount * clusterCount * 4),
            squares: scope.buffer("bench.squares", squareWords * 4),
          };
          const moving = {
            ...buffers,
            sliceCount,
            clusterCount,
            dim,
            // The centers stay where they are, so that every run is the same work.
            centroids: scope.upload("bench.moved_centroids", centers),
            halfNorms: halfNormBuffer(scope, "bench", clusterCount),
            totals: scope.buffer("bench.totals", clusterCount * 4),
            shifts: scope.buffer("bench.shifts", clusterCount * 4),
          };
          gpu.submit("bench.sort", (recorder) => recordLabelSort(recorder, { ...sorting, ...shape }));
          return {
            name,
            size: `${rowCount} x ${dim}, k ${clusterCount}`,
            quick,
            bytes: rowCount * dim * 4,
            run: () =>
              gpu.submit("bench", (recorder) => {
                for (const buffer of [buffers.sums, buffers.counts, buffers.squares]) recorder.clear(buffer);
                if (name === "kmeans_step") recordLabelSort(recorder, { ...sorting, ...shape });
                recordKmeansSum(recorder, { ...sorting, ...slices, ...shape, ...buffers });
                if (name === "kmeans_step") recordKmeansUpdate(recorder, moving);
              }),
            check: async () => {
              const expected = kmeansSum(values, labelValues, centers, dim, slices);
              const sums = await gpu.readFloats(buffers.sums, sliceCount * clusterCount * dim);
              const squares = await gpu.readFloats(buffers.squares, squareWords);
              const squareSum = squares.reduce((sum, value) => sum + value, 0);
              return (
                closeTo(sums, expected.sums, 1e-2) && closeTo([squareSum], [expected.squareSum], 0, 1e-6)
              );
            },
          };
        }),
      );
    }
  }
  return rows;
};

/** Gigabytes in pieces: an upload waits in host memory until the device takes it. */
async function uploadRows(gpu: GpuContext, scope: BufferScope, values: Float32Array): Promise<GPUBuffer> {
  const rows = scope.buffer("bench.rows", values.byteLength);
  for (let first = 0; first < values.length; first += pieceBytes / 4) {
    gpu.write(rows, first * 4, values.subarray(first, first + pieceBytes / 4));
    await gpu.settle();
  }
  return rows;
}
