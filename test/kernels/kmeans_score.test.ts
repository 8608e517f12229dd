import { describe, expect, test } from "vitest";
import { kmeansScore } from "../../src/kernels/kmeans_score.ts";
import { kmeansScore as reference } from "../../src/reference/kmeans_score.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";
import { randomLabels } from "./labels.ts";

// Sums of up to 600 products of unit rows: 600 roundings of 2^-24, twice.
const tolerance = { absolute: 8e-5 };

describe("kmeansScore()", () => {
  const context = useGpu();

  test.each([
    [0, 1, 4],
    [1, 1, 1],
    [63, 7, 3],
    [65, 9, 64],
    [200, 40, 600],
    [90, 3, 513],
  ])("%i rows, %i centroids, dimension %i equal the float64 twin", async (rowCount, k, dim) => {
    const { rows } = rowNormalize(randomNormals(rowCount * dim, 1), dim);
    const centroids = rowNormalize(randomNormals(k * dim, 2), dim).rows.map((value) => value * 0.8);
    const labels = randomLabels(rowCount, k, 3);
    const scores = await kmeansScore(context.gpu, rows, centroids, labels, dim);
    expectClose(scores, reference(rows, centroids, labels, dim), tolerance);
    if (dim % 4 > 0) return;
    expect(await kmeansScore(context.gpu, rows, centroids, labels, dim, "plain")).toEqual(scores);
  });
});
