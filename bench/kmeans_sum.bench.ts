// Reads each row once and adds it to the sum of its cluster; memory limits it. The second row is the whole step from labels
// to new centroids: sorting, adding up, moving; the third the same where sums go on and one row in a hundred moved.
import { planSlices } from "../src/dedup/chunk_plan.ts";
import type { GpuContext, Recorder } from "../src/gpu/context.ts";
import type { BufferScope } from "../src/kernels/buffer_scope.ts";
import { packChanges } from "../src/kernels/cluster_changes.ts";
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
    const { maxBindingBytes, adapter } = gpu;
    const shared = { rowCount, chunkRows: rowCount, dim };
    const slices = planSlices(shared, clusterCount, maxBindingBytes, adapter.software);
    const { sliceCount } = slices;
    const squareWords = squaresByteLength(sliceCount, clusterCount, dim) / 4;
    for (const name of ["kmeans_sum", "kmeans_step", "kmeans_step, 1 % moved"] as const) {
      const goesOn = name === "kmeans_step, 1 % moved";
      const history = {
        previous: labelValues.map((label, row) => (row % 100 > 0 ? label : (label + 1) % clusterCount) + 1),
        since: new Uint32Array(clusterCount).fill(goesOn ? 1 : 0),
      };
      rows.push(
        await measure(gpu, async (scope) => {
          const sorting = {
            ...labelSortBuffers(scope, rowCount, clusterCount),
            labels: scope.upload("bench.labels", labelValues),
            previous: scope.buffer("bench.previous", rowCount * 4),
            changes: scope.upload("bench.changes", packChanges(clusterCount, { since: history.since })),
            moved: scope.buffer("bench.moved", 4),
          };
          const buffers = {
            rows: await uploadRows(gpu, scope, values),
            centroids: scope.upload("bench.centroids", centers),
            sums: scope.buffer("bench.sums", sliceCount * clusterCount * dim * 4),
            counts: scope.buffer("bench.counts", sliceCount * clusterCount * 4),
            squares: scope.buffer("bench.squares", squareWords * 4),
          };
          const before = scope.upload("bench.before", history.previous);
          const moving = {
            ...sorting,
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
          // A sort renews the labels of the time before.
          const recordSort = (recorder: Recorder): void => {
            recorder.copy(before, sorting.previous, rowCount * 4);
            recordLabelSort(recorder, { ...sorting, ...shape });
          };
          gpu.submit("bench.sort", recordSort);
          return {
            name,
            size: `${rowCount} x ${dim}, k ${clusterCount}`,
            quick,
            bytes: goesOn ? 2 * Math.ceil(rowCount / 100) * dim * 4 : rowCount * dim * 4,
            run: () =>
              gpu.submit("bench", (recorder) => {
                for (const buffer of [buffers.sums, buffers.counts, buffers.squares]) recorder.clear(buffer);
                if (name !== "kmeans_sum") recordSort(recorder);
                recordKmeansSum(recorder, { ...sorting, ...slices, ...shape, ...buffers });
                if (name !== "kmeans_sum") recordKmeansUpdate(recorder, moving);
              }),
            check: async () => {
              const expected = kmeansSum(values, labelValues, centers, dim, { ...slices, ...history });
              const sums = await gpu.readFloats(buffers.sums, sliceCount * clusterCount * dim);
              const squares = await gpu.readFloats(buffers.squares, squareWords);
              const squareSum = squares.reduce((sum, value) => sum + value, 0);
              return (
                closeTo(sums, expected.sums, 1e-2) &&
                closeTo([squareSum], [expected.squareSum], goesOn ? 1 : 0, 1e-6)
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
