import { describe, expect, test } from "vitest";
import { pairwiseMany, pairwiseMax } from "../../src/dedup/pairwise.ts";
import { rankRows } from "../../src/dedup/rank.ts";
import { pairwiseMax as reference } from "../../src/reference/pairwise_max.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { unitRows } from "./rows.ts";

// A dot product of unit rows of up to 64 dimensions errs by less than 64 x 2^-24.
const tolerance = { absolute: 64 * 2 ** -24 };

describe("pairwiseMax()", () => {
  const context = useGpu();

  test.each([1, 2, 3, 4, 5, 6])("golden rows in blocks of %i", async (blockRows) => {
    const table = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 1, 2, 3);
    const { rows } = rowNormalize(table, 3);
    const { scores, maxIndex } = await pairwiseMax(context.gpu, rows, 3, { maxBlockBytes: blockRows * 12 });
    expectClose(scores, [0, 0.974631, 0.99819, 0.999618, 1, 1], { absolute: 1e-6 });
    expect([...maxIndex]).toEqual([0, 0, 1, 2, 0, 0]);
  });

  test("golden rankings: hard and easy", async () => {
    const table = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 1, 2, 3);
    const { rows } = rowNormalize(table, 3);
    const dot = (row: number) => [0, 1, 2].reduce((sum, i) => sum + rows[i]! * rows[row * 3 + i]!, 0);
    const ids = [0, 1, 2, 3, 4, 5];
    // The centroid is row 0, so rows 0, 4 and 5 lie at distance 0.
    const distances = ids.map((row) => ([0, 4, 5].includes(row) ? 0 : 1 - dot(row)));
    const expected = {
      hard: {
        order: [3, 2, 1, 5, 4, 0],
        max: [3, 3, 2, 1, 5, 5],
        scores: [0, 0.99961, 0.99819, 0.974631, 1, 1],
      },
      easy: {
        order: [0, 4, 5, 1, 2, 3],
        max: [0, 0, 0, 0, 1, 2],
        scores: [0, 1, 1, 0.97464, 0.99819, 0.999618],
      },
    };
    for (const which of ["hard", "easy"] as const) {
      const order = rankRows(ids, distances, which);
      expect([...order]).toEqual(expected[which].order);
      const ranked = Float32Array.from([...order].flatMap((row) => [...rows.subarray(row * 3, row * 3 + 3)]));
      const { scores, maxIndex } = await pairwiseMax(context.gpu, ranked, 3);
      expectClose(scores, expected[which].scores, { absolute: 1e-5 });
      expect([...maxIndex].map((index) => order[index])).toEqual(expected[which].max);
    }
  });

  test.each([
    [300, 64, 2],
    [300, 64, 100],
    [1000, 128, 3],
    [130, 7, 5],
  ])("%i rows in blocks of %i with %i resident equal one block", async (rowCount, blockRows, blocks) => {
    const dim = 20;
    const rows = unitRows(rowCount, dim, rowCount);
    const whole = await pairwiseMax(context.gpu, rows, dim);
    const maxBlockBytes = blockRows * dim * 4;
    const source = {
      rowCount,
      read: async (first: number, count: number) => rows.slice(first * dim, (first + count) * dim),
    };
    const options = { maxBlockBytes, residentBytes: blocks * maxBlockBytes };
    expect(await pairwiseMax(context.gpu, source, dim, options)).toEqual(whole);
    expectClose(whole.scores, reference(rows, dim).scores, tolerance);
  });

  test("permuting inside a tie keeps the earliest", async () => {
    const rows = new Float32Array(150 * 2).map((_, i) => (i % 2 === 0 ? 1 : 0));
    const { maxIndex } = await pairwiseMax(context.gpu, rows, 2, { maxBlockBytes: 64 * 8 });
    expect([...maxIndex]).toEqual(Array.from({ length: 150 }, () => 0));
  });
});

describe("pairwiseMany()", () => {
  const context = useGpu();

  test("gives each cluster what it gets alone", async () => {
    const dim = 9;
    const clusters = [0, 1, 5, 64, 0, 200, 2, 65].map((count, i) => unitRows(count, dim, i + 1));
    for (const maxBlockBytes of [undefined, 100 * dim * 4]) {
      const options = maxBlockBytes === undefined ? {} : { maxBlockBytes };
      const together = await pairwiseMany(context.gpu, clusters, dim, options);
      const alone = [];
      for (const rows of clusters) alone.push(await pairwiseMax(context.gpu, rows, dim));
      expect(together).toEqual(alone);
    }
  });

  test("a single row: score 0 with itself", async () => {
    const [only] = await pairwiseMany(context.gpu, [Float32Array.of(1, 0)], 2);
    expect(only).toEqual({ scores: Float32Array.of(0), maxIndex: Uint32Array.of(0) });
  });
});
