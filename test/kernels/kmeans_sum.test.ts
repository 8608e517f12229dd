import { describe, expect, test } from "vitest";
import { kmeansSum } from "../../src/kernels/kmeans_sum.ts";
import { kmeansSum as reference } from "../../src/reference/kmeans_sum.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals, seededRandom } from "../support/random.ts";

// Sums of up to 2,000 values of magnitude 4, weights up to 5: 2,000 roundings of 2^-24 of a partial sum of about 500.
const tolerance = { absolute: 1e-3, relative: 1e-4 };

function randomLabels(count: number, k: number, seed: number): Uint32Array {
  const random = seededRandom(seed);
  return Uint32Array.from({ length: count }, () => random() * k);
}

describe("kmeansSum()", () => {
  const context = useGpu();

  test.each([
    [0, 3, 4, 1],
    [1, 1, 1, 1],
    [255, 4, 63, 2],
    [256, 5, 64, 2],
    [257, 6, 65, 3],
    [2003, 17, 5, 7],
    [100, 500, 130, 16],
  ])("%i rows, %i clusters, dimension %i, %i slices", async (rowCount, k, dim, sliceCount) => {
    const rows = randomNormals(rowCount * dim, rowCount);
    const labels = randomLabels(rowCount, k, 3);
    for (const weights of [undefined, randomLabels(rowCount, 5, 4)]) {
      const options = weights === undefined ? { sliceCount } : { sliceCount, weights };
      const actual = await kmeansSum(context.gpu, rows, labels, k, dim, options);
      const expected = reference(rows, labels, k, dim, options);
      expectClose(actual.sums, expected.sums, tolerance);
      expect(actual.counts).toEqual(expected.counts);
    }
  });

  test("gives the same bits every time", async () => {
    const rows = randomNormals(3000 * 20, 8);
    const labels = randomLabels(3000, 3, 9);
    const first = await kmeansSum(context.gpu, rows, labels, 3, 20, { sliceCount: 4 });
    for (let round = 0; round < 5; round++) {
      expect(await kmeansSum(context.gpu, rows, labels, 3, 20, { sliceCount: 4 })).toEqual(first);
    }
  });
});
