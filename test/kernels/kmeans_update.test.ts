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
