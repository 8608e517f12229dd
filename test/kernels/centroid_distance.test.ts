import { describe, expect, test } from "vitest";
import { centroidDistance } from "../../src/kernels/centroid_distance.ts";
import { centroidDistance as reference } from "../../src/reference/centroid_distance.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";

// Sums of up to 515 products of unit rows: their rounding stays below 515 x 2^-24 of 1.
const tolerance = { absolute: 515 * 2 ** -24, relative: 1e-5 };

describe("centroidDistance()", () => {
  const context = useGpu();

  test.each([
    [0, 1, 4],
    [1, 1, 1],
    [63, 3, 5],
    [64, 9, 64],
    [65, 2, 515],
    [4099, 11, 3],
  ])("%i rows, %i centroids, dimension %i equal the float64 twin", async (rowCount, k, dim) => {
    const { rows } = rowNormalize(randomNormals(rowCount * dim, rowCount), dim);
    const centroids = rowNormalize(randomNormals(k * dim, k), dim).rows.map((value) => value * 0.7);
    const labels = Uint32Array.from({ length: rowCount }, (_, row) => row % k);
    const actual = await centroidDistance(context.gpu, rows, centroids, labels, dim);
    const expected = reference(rows, centroids, labels, dim);
    expectClose(actual.l2Distances, expected.l2Distances, tolerance);
    expectClose(actual.cosineDistances, expected.cosineDistances, tolerance);
  });

  test("matches the reference table of the system it answers to", async () => {
    const actual = await centroidDistance(
      context.gpu,
      Float32Array.of(1, 0, 0, 1, 0.6, 0.8),
      Float32Array.of(1, 0, 0, 1),
      Uint32Array.of(0, 1, 0),
      2,
    );
    expectClose(actual.l2Distances, [0, 0, 0.894427], { absolute: 1e-6 });
    expectClose(actual.cosineDistances, [0, 0, 0.4], { absolute: 1e-6 });
  });

  test("a centroid of zeros gives the cosine distance 1, not NaN", async () => {
    const { l2Distances, cosineDistances } = await centroidDistance(
      context.gpu,
      Float32Array.of(0.6, 0.8),
      new Float32Array(2),
      Uint32Array.of(0),
      2,
    );
    expect([...cosineDistances]).toEqual([1]);
    expectClose(l2Distances, [1], { absolute: 1e-6 });
  });
});
