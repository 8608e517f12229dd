import { describe, expect, test } from "vitest";
import { kmeansSum } from "../../src/kernels/kmeans_sum.ts";
import { kmeansSum as reference } from "../../src/reference/kmeans_sum.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";
import { labelCases, labelsBefore, randomLabels } from "./labels.ts";

// Sums of up to 10,000 values of magnitude 6, weights up to 5: rounding of 2^-24 at each step of a walk that strays to 500.
const tolerance = { absolute: 1e-3, relative: 1e-4 };
// Squares are added with their rounding carried along: what is left are a few roundings of each term.
const squareTolerance = { absolute: 0, relative: 16 * 2 ** -24 };

const sumOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0);

describe("kmeansSum()", () => {
  const context = useGpu();

  test.each([
    [1, 1, 1, 1, 1],
    [1023, 4, 63, 2, 1],
    [1024, 5, 64, 2, 1],
    [1025, 6, 65, 2, 1],
    [5003, 17, 5, 3, 1],
    [9000, 3, 8, 2, 3],
    [4100, 1, 3, 2, 2],
    [100, 1500, 130, 1, 1],
    [700, 9, 516, 1, 4],
  ])(
    "%i rows, %i clusters, dimension %i, %i slices of runs of %i",
    async (rowCount, k, dim, sliceCount, runTiles) => {
      const rows = randomNormals(rowCount * dim, rowCount);
      const centroids = randomNormals(k * dim, 5);
      const labels = randomLabels(rowCount, k, 3);
      for (const weights of [undefined, randomLabels(rowCount, 5, 4)]) {
        const options = { sliceCount, runTiles, ...(weights && { weights }) };
        const actual = await kmeansSum(context.gpu, rows, labels, centroids, dim, options);
        const expected = reference(rows, labels, centroids, dim, options);
        expectClose(actual.sums, expected.sums, tolerance);
        expect(actual.counts).toEqual(expected.counts);
        expectClose([sumOf(actual.squares)], [expected.squareSum], squareTolerance);
      }
    },
  );

  test.each(labelCases)("%i rows, %i clusters, %s labels equal the twin", async (rowCount, k, _, labels) => {
    const rows = randomNormals(rowCount * 4, 1);
    const centroids = randomNormals(k * 4, 2);
    const actual = await kmeansSum(context.gpu, rows, labels, centroids, 4);
    const expected = reference(rows, labels, centroids, 4);
    expectClose(actual.sums, expected.sums, tolerance);
    expect(actual.counts).toEqual(expected.counts);
    expectClose([sumOf(actual.squares)], [expected.squareSum], squareTolerance);
  });

  test.each([
    [1, 3, 4],
    [1025, 6, 65],
    [5003, 17, 8],
    [700, 9, 516],
  ])("%i rows, %i clusters, dimension %i: rows that come less those that go", async (rowCount, k, dim) => {
    const rows = randomNormals(rowCount * dim, rowCount);
    const centroids = randomNormals(k * dim, 5);
    const labels = randomLabels(rowCount, k, 3);
    for (const step of [1, 7, 300])
      for (const weights of [undefined, randomLabels(rowCount, 5, 4)]) {
        const history = { previous: labelsBefore(labels, k, step), since: randomLabels(k, 4, 1) };
        const options = { sliceCount: 2, runTiles: 1, ...history, ...(weights && { weights }) };
        const actual = await kmeansSum(context.gpu, rows, labels, centroids, dim, options);
        const expected = reference(rows, labels, centroids, dim, options);
        expectClose(actual.sums, expected.sums, tolerance);
        expect(actual.counts).toEqual(expected.counts);
        // Squares cancel: their error is a share of all that there are, not of what is left.
        const all = reference(rows, labels, centroids, dim, { ...(weights && { weights }) }).squareSum || 1;
        expectClose([sumOf(actual.squares) / all], [expected.squareSum / all], { absolute: 64 * 2 ** -24 });
      }
  });

  test("what comes and goes again leaves what was there, up to a rounding", async () => {
    const rows = randomNormals(3000 * 8, 8);
    const centroids = randomNormals(2 * 8, 7);
    const labels = randomLabels(3000, 2, 9);
    const since = Uint32Array.of(1, 1);
    const come = await kmeansSum(context.gpu, rows, labels, centroids, 8, { since });
    const previous = labels.map((label) => label + 1);
    const swap = await kmeansSum(
      context.gpu,
      rows,
      labels.map((label) => 1 - label),
      centroids,
      8,
      {
        since,
        previous,
      },
    );
    const all = reference(rows, new Uint32Array(3000), centroids, 8);
    expect(come.counts[0]! + come.counts[1]!).toBe(3000);
    expect((come.counts[0]! + swap.counts[0]!) >>> 0).toBe(come.counts[1]!);
    expectClose(
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => come.sums[i]! + swap.sums[i]! + come.sums[i]!),
      [...all.sums.subarray(0, 8)],
      tolerance,
    );
  });

  test.each([8, 7])(
    "dimension %i: the same bits every time, however rows are cut into chunks",
    async (dim) => {
      const rows = randomNormals(9000 * dim, 8);
      const labels = randomLabels(9000, 3, 9);
      const centroids = randomNormals(3 * dim, 7);
      for (const weights of [undefined, randomLabels(9000, 5, 4)]) {
        const history = { previous: labelsBefore(labels, 3, 4), since: Uint32Array.of(0, 1, 1) };
        const options = { sliceCount: 2, runTiles: 2, ...history, ...(weights && { weights }) };
        const whole = await kmeansSum(context.gpu, rows, labels, centroids, dim, options);
        for (const chunkRows of [9000, 1024, 3072, 5120]) {
          const cut = await kmeansSum(context.gpu, rows, labels, centroids, dim, { ...options, chunkRows });
          expect(cut).toEqual(whole);
        }
      }
    },
  );

  test("both variants give the same bits", async () => {
    const rows = randomNormals(2000 * 12, 8);
    const labels = randomLabels(2000, 30, 9);
    const centroids = randomNormals(30 * 12, 7);
    const [wide, plain] = [
      await kmeansSum(context.gpu, rows, labels, centroids, 12, { variant: "wide" }),
      await kmeansSum(context.gpu, rows, labels, centroids, 12, { variant: "plain" }),
    ];
    expect(plain).toEqual(wide);
  });

  test("squares of rows that all differ alike from their centroid add up exactly", async () => {
    const rows = new Float32Array(40_000 * 4).fill(0.3);
    const centroids = new Float32Array(4).fill(0.1);
    const { squares } = await kmeansSum(context.gpu, rows, new Uint32Array(40_000), centroids, 4);
    const expected = reference(rows, new Uint32Array(40_000), centroids, 4);
    expectClose([sumOf(squares)], [expected.squareSum], squareTolerance);
  });
});
