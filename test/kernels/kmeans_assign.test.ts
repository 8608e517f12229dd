import { describe, expect, test } from "vitest";
import { kmeansAssign } from "../../src/kernels/kmeans_assign.ts";
import { kmeansAssign as reference } from "../../src/reference/kmeans_assign.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals, seededRandom } from "../support/random.ts";

// A sum of up to 600 squares errs by fewer than 600 roundings of 2^-24. Where two centroids are equally near within the
// rounding of the dot product (up to 600 terms of magnitude 10), either may win: labels are compared by distance.
const tolerance = { absolute: 1e-4, relative: 600 * 2 ** -24 };

describe("kmeansAssign()", () => {
  const context = useGpu();

  async function expectTwin(rows: Float32Array, centroids: Float32Array, dim: number): Promise<void> {
    const actual = await kmeansAssign(context.gpu, rows, centroids, dim);
    const expected = reference(rows, centroids, dim);
    expectClose(actual.distances, expected.distances, tolerance);
    const differing = [...actual.labels].flatMap((label, row) =>
      label === expected.labels[row] ? [] : [row],
    );
    // A differing label must be as near as the twin's own.
    for (const row of differing) {
      const x = rows.subarray(row * dim, (row + 1) * dim);
      const label = actual.labels[row]!;
      const own = reference(x, centroids.subarray(label * dim, (label + 1) * dim), dim);
      expectClose(own.distances, [expected.distances[row]!], tolerance);
    }
    expect(differing.length).toBeLessThanOrEqual(rows.length / dim / 100);
  }

  test.each([
    [0, 1, 4],
    [1, 1, 1],
    [7, 2, 3],
    [8, 8, 8],
    [9, 9, 9],
    [63, 7, 5],
    [64, 64, 16],
    [65, 65, 17],
    [257, 127, 31],
    [101, 1009, 13],
    [300, 5, 513],
    [1, 1, 128],
    [63, 127, 256],
    [65, 131, 384],
  ])("%i rows, %i centroids, dimension %i equal the float64 twin", async (rowCount, k, dim) => {
    await expectTwin(randomNormals(rowCount * dim, rowCount + 1), randomNormals(k * dim, k + 2), dim);
  });

  test("equals the twin on seeded random shapes", async () => {
    const random = seededRandom(7);
    for (let round = 0; round < 8; round++) {
      const [rowCount, k, dim] = [1 + random() * 200, 1 + random() * 200, 1 + random() * 70].map(Math.floor);
      await expectTwin(randomNormals(rowCount! * dim!, round), randomNormals(k! * dim!, 100 + round), dim!);
    }
  });

  test("gives ties to the lowest label", async () => {
    const centroids = new Float32Array(200 * 3).fill(0.5);
    const { labels } = await kmeansAssign(context.gpu, randomNormals(100 * 3, 5), centroids, 3);
    expect(labels).toEqual(new Uint32Array(100));
  });

  test("gives a row that equals a centroid the distance 0", async () => {
    const rows = randomNormals(70 * 40, 9);
    const { labels, distances } = await kmeansAssign(context.gpu, rows, rows, 40);
    expect([...labels]).toEqual(Array.from({ length: 70 }, (_, row) => row));
    expect(distances).toEqual(new Float32Array(70));
  });

  test("folds the grid of more workgroups than one dimension holds", async () => {
    const rows = Float32Array.from({ length: 65_536 * 64 + 3 }, (_, row) => row % 2);
    const { labels } = await kmeansAssign(context.gpu, rows, Float32Array.of(0, 1), 1);
    expect(labels.every((label, row) => label === row % 2)).toBe(true);
  });

  test("refuses to assign to no centroid", async () => {
    await expect(kmeansAssign(context.gpu, new Float32Array(4), new Float32Array(0), 2)).rejects.toThrow(
      "there is no centroid",
    );
  });
});
