// Adds the slices of the cluster sums and divides; memory limits it.
import { halfNormBuffer } from "../src/kernels/half_norms.ts";
import { nothingToCarry, recordKmeansUpdate } from "../src/kernels/kmeans_update.ts";
import { kmeansUpdate } from "../src/reference/kmeans_update.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [clusterCount, dim, sliceCount] = quick ? [20, 64, 2] : [1000, 512, 16];
  const sumValues = benchValues(sliceCount * clusterCount * dim, 1);
  const countValues = new Uint32Array(sliceCount * clusterCount).fill(3);
  const row = await measure(gpu, (scope) => {
    const inputs = {
      sums: scope.upload("bench.sums", sumValues),
      counts: scope.upload("bench.counts", countValues),
      sliceCount,
      clusterCount,
      dim,
      ...nothingToCarry(scope),
      centroids: scope.buffer("bench.centroids", clusterCount * dim * 4),
      halfNorms: halfNormBuffer(scope, "bench", clusterCount),
      totals: scope.buffer("bench.totals", clusterCount * 4),
      shifts: scope.buffer("bench.shifts", clusterCount * 4),
    };
    return {
      name: "kmeans_update",
      size: `${clusterCount} x ${dim}, ${sliceCount} slices`,
      quick,
      bytes: (sliceCount + 2) * clusterCount * dim * 4,
      run: () => gpu.submit("bench", (recorder) => recordKmeansUpdate(recorder, inputs)),
      check: async () => {
        // Every run moves the centroids on: the check begins at the origin again.
        gpu.submit("bench.check", (recorder) => {
          recorder.clear(inputs.centroids);
          recordKmeansUpdate(recorder, inputs);
        });
        const expected = kmeansUpdate(sumValues, countValues, new Float32Array(clusterCount * dim), dim);
        return closeTo(await gpu.readFloats(inputs.centroids, clusterCount * dim), expected.centroids, 1e-5);
      },
    };
  });
  return [row];
};
