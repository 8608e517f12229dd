// Reads each row and its centroid once; memory limits it.
import { recordCentroidDistance } from "../src/kernels/centroid_distance.ts";
import { centroidDistance } from "../src/reference/centroid_distance.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, k, dim] = quick ? [1000, 10, 64] : [20_000, 1000, 512];
  const values = benchValues(rowCount * dim, 1).map((value) => value / Math.sqrt(dim / 3));
  const centers = benchValues(k * dim, 2).map((value) => value / Math.sqrt(dim / 3));
  const labelValues = Uint32Array.from({ length: rowCount }, (_, row) => row % k);
  const row = await measure(gpu, (scope) => {
    const l2Distances = scope.buffer("bench.l2", rowCount * 4);
    const cosineDistances = scope.buffer("bench.cosine", rowCount * 4);
    const inputs = {
      rows: scope.upload("bench.rows", values),
      centroids: scope.upload("bench.centroids", centers),
      labels: scope.upload("bench.labels", labelValues),
      rowCount,
      dim,
      l2Distances,
      cosineDistances,
    };
    return {
      name: "centroid_distance",
      size: `${rowCount} x ${dim}`,
      quick,
      bytes: 2 * rowCount * dim * 4,
      run: () => gpu.submit("bench", (recorder) => recordCentroidDistance(recorder, inputs)),
      check: async () => {
        const expected = centroidDistance(values, centers, labelValues, dim);
        return (
          closeTo(await gpu.readFloats(l2Distances, rowCount), expected.l2Distances, 1e-5) &&
          closeTo(await gpu.readFloats(cosineDistances, rowCount), expected.cosineDistances, 1e-5)
        );
      },
    };
  });
  return [row];
};
