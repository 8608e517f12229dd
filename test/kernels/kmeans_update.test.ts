import { describe, expect, test } from "vitest";
import { kmeansUpdate } from "../../src/kernels/kmeans_update.ts";
import { kmeansUpdate as reference } from "../../src/reference/kmeans_update.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals, seededRandom } from "../support/random.ts";

// Means of magnitude 4 and sums of up to 700 squares in a tree of 64.
const tolerance = { absolute: 1e-5, relative: 1e-5 };

describe("kmeansUpdate()", () => {
  const context = useGpu();

  test.each([
    [0, 4, 1],
    [1, 1, 1],
    [3, 63, 2],
    [5, 64, 3],
    [7, 65, 1],
    [70_001, 2, 1],
    [11, 701, 5],
  ])("%i clusters of dimension %i in %i slices equal the float64 twin", async (k, dim, slices) => {
    const random = seededRandom(k + dim);
    const counts = Uint32Array.from({ length: slices * k }, () => random() * 4);
    const sums = randomNormals(slices * k * dim, 1);
    const centroids = randomNormals(k * dim, 2);
    for (const spherical of [false, true]) {
      const actual = await kmeansUpdate(context.gpu, sums, counts, centroids, dim, { spherical });
      const expected = reference(sums, counts, centroids, dim, { spherical });
      expectClose(actual.centroids, expected.centroids, tolerance);
      expectClose(actual.halfNorms, expected.halfNorms, tolerance);
      expectClose(actual.shifts, expected.shifts, tolerance);
      expect(actual.totals).toEqual(expected.totals);
    }
  });

  test.each([
    [1, 1, 1],
    [5, 64, 3],
    [7, 65, 1],
    [11, 701, 2],
  ])("%i clusters of dimension %i in %i slices carry their sums on", async (k, dim, slices) => {
    const random = seededRandom(k + dim);
    const counts = Uint32Array.from({ length: slices * k }, () => random() * 40);
    const sums = randomNormals(slices * k * dim, 1);
    const centroids = randomNormals(k * dim, 2);
    const parts = Math.ceil(dim / 4);
    const carried = {
      // As much as residuals that add up to such sums have at least.
      squares: Float32Array.from({ length: slices * k * parts * 2 }, (_, at) =>
        at % 2 ? 1e-4 * random() : 200 + random(),
      ),
      since: Uint32Array.from({ length: k }, () => random() * 3),
      churn: Uint32Array.from({ length: k }, () => random() * 12),
      peak: Float32Array.from({ length: k }, (_, cluster) => (cluster % 3 === 2 ? 1e8 : 1)),
    };
    for (const spherical of [false, true]) {
      const options = { spherical, carried };
      const { next, centroids: moved } = await kmeansUpdate(
        context.gpu,
        sums,
        counts,
        centroids,
        dim,
        options,
      );
      const { next: expected, centroids: means } = reference(sums, counts, centroids, dim, options);
      expectClose(moved, means, tolerance);
      expect(next!.since).toEqual(expected!.since);
      expect(next!.churn).toEqual(new Uint32Array(k));
      expectClose(
        next!.peak.filter((_, cluster) => counts.some((count, at) => count > 0 && at % k === cluster)),
        expected!.peak.filter((_, cluster) => counts.some((count, at) => count > 0 && at % k === cluster)),
        tolerance,
      );
      // All is in the first slice. Sums that a step of magnitude 4 times up to 80 rows leaves.
      expectClose(next!.sums.subarray(0, k * dim), expected!.sums, { absolute: 1e-4, relative: 1e-5 });
      expect(next!.counts.subarray(0, k)).toEqual(expected!.counts);
      const squares = Float32Array.from({ length: k }, (_, cluster) =>
        next!.squares.subarray(cluster * parts * 2, (cluster + 1) * parts * 2).reduce((a, b) => a + b, 0),
      );
      expectClose(squares, expected!.squares, { absolute: 1e-3, relative: 1e-5 });
      for (const [values, size] of [
        [next!.sums, k * dim],
        [next!.counts, k],
        [next!.squares, k * parts * 2],
      ] as const)
        expect(values.subarray(size).every((value) => value === 0)).toBe(true);
    }
  });

  test.each([false, true])(
    "a cluster without rows keeps its centroid, bit for bit (spherical %s)",
    async (spherical) => {
      const centroids = randomNormals(2 * 9, 3);
      const result = await kmeansUpdate(
        context.gpu,
        new Float32Array(18).fill(7),
        Uint32Array.of(0, 7),
        centroids,
        9,
        { spherical },
      );
      expect(result.centroids.subarray(0, 9)).toEqual(centroids.subarray(0, 9));
      expect(result.shifts[0]).toBe(0);
      if (!spherical)
        expectClose(
          result.centroids.subarray(9),
          centroids.subarray(9).map((value) => value + 1),
          tolerance,
        );
    },
  );

  test("a mean without a direction is not scaled", async () => {
    const result = await kmeansUpdate(
      context.gpu,
      Float32Array.of(-2, 0),
      Uint32Array.of(2),
      Float32Array.of(1, 0),
      2,
      {
        spherical: true,
      },
    );
    expect([...result.centroids]).toEqual([0, 0]);
  });
});
