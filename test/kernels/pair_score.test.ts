import { describe, expect, test } from "vitest";
import { pairScore } from "../../src/kernels/pair_score.ts";
import { pairwiseMax } from "../../src/kernels/pairwise_max.ts";
import { pairScore as reference } from "../../src/reference/pair_score.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals, seededRandom } from "../support/random.ts";

describe("pairScore()", () => {
  const context = useGpu();

  test.each([
    [0, 2, 4],
    [1, 2, 1],
    [64, 65, 3],
    [1000, 200, 512],
  ])("%i pairs of %i rows of dimension %i equal the float64 twin", async (pairCount, rowCount, dim) => {
    const { rows } = rowNormalize(randomNormals(rowCount * dim, dim), dim);
    const random = seededRandom(pairCount);
    const pairs = Uint32Array.from({ length: pairCount * 2 }, () => Math.floor(random() * rowCount));
    // Off the products of these rows by more than their rounding.
    const threshold = Math.fround(0.012345);
    const actual = await pairScore(context.gpu, rows, dim, pairs, threshold);
    const expected = reference(rows, dim, pairs, threshold);
    const tolerance = { absolute: 512 * 2 ** -24 };
    expectClose(actual.pairScores, expected.pairScores, tolerance);
    expectClose(actual.scores, expected.scores, tolerance);
    const plain = await pairScore(context.gpu, rows, dim, pairs, threshold, "plain");
    expect(plain).toEqual(actual);
  });

  test("has the bits of pairwise_max", async () => {
    const [rowCount, dim] = [150, 300];
    const { rows } = rowNormalize(randomNormals(rowCount * dim, 5), dim);
    const all: number[] = [];
    for (let later = 0; later < rowCount; later++) {
      for (let earlier = 0; earlier < later; earlier++) all.push(later, earlier);
    }
    const { scores } = await pairScore(context.gpu, rows, dim, Uint32Array.from(all), 1e-30);
    expect(scores).toEqual((await pairwiseMax(context.gpu, rows, dim)).scores);
  });

  test("a product that equals the threshold counts", async () => {
    const rows = Float32Array.of(1, 0, 0.5, 0, 0.25, 0);
    const { pairScores, scores } = await pairScore(context.gpu, rows, 2, Uint32Array.of(1, 0, 2, 0), 0.5);
    expect([...pairScores]).toEqual([0.5, -1]);
    expect([...scores]).toEqual([0, 0.5, 0]);
  });
});
