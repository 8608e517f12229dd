// Thresholded scores and pairs against the exact ones and the float64 twin, where a screen could go wrong: near the
// threshold, in tiles of every fill, where everything matches, and where blocks or candidates do not fit.
import { describe, expect, test } from "vitest";
import {
  type PairwiseOptions,
  type PairwiseScores,
  pairwiseMany,
  pairwiseMax,
} from "../../src/dedup/pairwise.ts";
import { pairwisePairs } from "../../src/dedup/similar_pairs.ts";
import { thresholdOf } from "../../src/dedup/threshold.ts";
import { UsageError } from "../../src/errors.ts";
import { pairwiseScreen as reference } from "../../src/reference/pairwise_screen.ts";
import { useGpu } from "../support/gpu.ts";
import { cut, nearThreshold, plantedRows, unitRows } from "./rows.ts";

describe("thresholded scores", () => {
  const context = useGpu();

  async function expectCut(
    rows: Float32Array,
    dim: number,
    eps: number,
    options: PairwiseOptions & { readonly starts?: Uint32Array } = {},
  ): Promise<PairwiseScores> {
    const wanted = cut(await pairwiseMax(context.gpu, rows, dim, options), eps);
    const found = await pairwiseMax(context.gpu, rows, dim, { ...options, scores: "thresholded", eps });
    expect(found).toEqual(wanted);
    return found;
  }

  test.each([3, 64, 100, 512])("equal exact ones from the threshold on: dimension %i", async (dim) => {
    for (const rowCount of [0, 1, 2, 63, 64, 65, 129, 400]) {
      for (const eps of [0.1, 0.01]) {
        await expectCut(plantedRows(rowCount, dim, rowCount + dim), dim, eps);
        await expectCut(unitRows(rowCount, dim, rowCount + dim), dim, eps);
      }
    }
  });

  test.each([1, 2, 63, 64, 65, 129])("in groups of %i rows", async (size) => {
    const rowCount = 400;
    const starts = Uint32Array.from({ length: rowCount }, (_, row) => row - (row % size));
    const found = await expectCut(plantedRows(rowCount, 64, size), 64, 0.05, { starts });
    if (size > 2) expect(found.scores.some((score) => score > 0)).toBe(true);
  });

  test.each([3, 64, 512])("within 1e-6 of the threshold, dimension %i", async (dim) => {
    for (const eps of [0.05, 0.001]) {
      const found = await expectCut(nearThreshold(300, dim, 1 - eps), dim, eps);
      const matched = found.scores.filter((score) => score > 0).length;
      expect(matched).toBeGreaterThan(0);
    }
  });

  test.each([
    [70, 4096],
    [300, 4096],
    [300, 5000],
    [300, undefined],
  ])("%i equal rows with room for %s candidates", async (rowCount, maxPairs) => {
    const rows = new Float32Array(rowCount * 4).fill(0.5);
    const options = maxPairs === undefined ? {} : { maxPairs };
    const { maxIndex, scores } = await expectCut(rows, 4, 0, options);
    expect(maxIndex).toEqual(new Uint32Array(rowCount));
    expect(scores).toEqual(new Float32Array(rowCount).fill(1, 1));
  });

  test("candidates that do not fit are found in a second pass, without comparing all pairs", async () => {
    // A twentieth of the tiles is full of matches: more than fits, less than would be worth comparing everything.
    const rows = unitRows(2000, 48, 3);
    for (let row = 1; row < 130; row++) rows.copyWithin(row * 48, 0, 48);
    const counts: number[] = [];
    await expectCut(rows, 48, 0.01, {
      maxPairs: 4096,
      onScreened: (screened) => counts.push(screened.repeatedLists),
    });
    expect(counts).toEqual([expect.any(Number)]);
    expect(counts[0]).toBeGreaterThan(0);
  });

  test.each([
    [300, 64, 2],
    [100, 7, 3],
    [1000, 128, 3],
  ])("%i rows in blocks of %i with %i resident", async (rowCount, blockRows, blocks) => {
    const dim = 40;
    const rows = plantedRows(rowCount, dim, 11);
    const maxBlockBytes = blockRows * dim * 4;
    const limits = { maxBlockBytes, residentBytes: blocks * maxBlockBytes };
    await expectCut(rows, dim, 0.02, limits);
    const starts = Uint32Array.from({ length: rowCount }, (_, row) => (row < 80 ? 0 : 80));
    await expectCut(rows, dim, 0.02, { ...limits, starts });
    await expectCut(new Float32Array(rowCount * 4).fill(0.5), 4, 0.02, { maxBlockBytes: blockRows * 16 });
  });

  test("of rows that are on the device already", async () => {
    const [rowCount, dim] = [300, 40];
    const rows = plantedRows(rowCount, dim, 12);
    const source = {
      rowCount,
      read: (first: number, count: number) =>
        context.gpu.upload("test.rows", rows.slice(first * dim, (first + count) * dim)),
    };
    const limits = { maxBlockBytes: 128 * dim * 4, residentBytes: 1 };
    const exact = await pairwiseMax(context.gpu, rows, dim);
    expect(await pairwiseMax(context.gpu, source, dim, limits)).toEqual(exact);
    const options = { ...limits, scores: "thresholded", eps: 0.02 } as const;
    expect(await pairwiseMax(context.gpu, source, dim, options)).toEqual(cut(exact, 0.02));
  });

  test("of many clusters", async () => {
    const clusters = [0, 1, 5, 64, 0, 200, 2, 65].map((count, i) => plantedRows(count, 9, i + 1));
    const options = { scores: "thresholded", eps: 0.05 } as const;
    const exact = await pairwiseMany(context.gpu, clusters, 9);
    expect(await pairwiseMany(context.gpu, clusters, 9, options)).toEqual(
      exact.map((scores) => cut(scores, 0.05)),
    );
  });

  test.each([undefined, -0.1, 1, Number.NaN])("refuses eps %s", async (eps) => {
    const options = { scores: "thresholded", ...(eps === undefined ? {} : { eps }) } as const;
    await expect(pairwiseMax(context.gpu, Float32Array.of(1), 1, options)).rejects.toThrow(UsageError);
  });
});

describe("pairwisePairs()", () => {
  const context = useGpu();

  test.each([
    [0, 4, undefined],
    [1, 3, undefined],
    [200, 100, undefined],
    [500, 33, 64],
    [300, 512, 65],
  ])("%i rows of dimension %i in groups of %s equal the float64 twin", async (rowCount, dim, size) => {
    const rows = plantedRows(rowCount, dim, rowCount);
    const starts = Uint32Array.from({ length: rowCount }, (_, row) =>
      size === undefined ? 0 : row - (row % size),
    );
    const threshold = 0.93;
    const found = await pairwisePairs(context.gpu, rows, dim, { threshold, starts });
    const wanted = reference(rows, dim, threshold, starts);
    // No product of these seeded rows lies within the rounding of the threshold.
    expect([...found.later]).toEqual([...wanted.later]);
    expect([...found.earlier]).toEqual([...wanted.earlier]);
    expect(found.scores.every((score, at) => Math.abs(score - wanted.scores[at]!) < dim * 2 ** -23)).toBe(
      true,
    );
  });

  test("their largest scores are the thresholded ones, in blocks too", async () => {
    const [rowCount, dim, eps] = [500, 40, 0.05];
    const rows = plantedRows(rowCount, dim, 4);
    const options = { threshold: thresholdOf(eps), maxBlockBytes: 128 * dim * 4, residentBytes: 1 };
    const { later, earlier, scores } = await pairwisePairs(context.gpu, rows, dim, options);
    const best = {
      scores: new Float32Array(rowCount),
      maxIndex: Uint32Array.from({ length: rowCount }, (_, i) => i),
    };
    scores.forEach((score, at) => {
      if (score <= best.scores[later[at]!]!) return;
      best.scores[later[at]!] = score;
      best.maxIndex[later[at]!] = earlier[at]!;
    });
    expect(best).toEqual(await pairwiseMax(context.gpu, rows, dim, { scores: "thresholded", eps }));
  });

  test("all pairs of equal rows, through a small buffer", async () => {
    const rows = new Float32Array(300 * 4).fill(0.5);
    const { later, earlier, scores } = await pairwisePairs(context.gpu, rows, 4, {
      threshold: 1,
      maxPairs: 1,
    });
    expect(later.length).toBe((300 * 299) / 2);
    expect(new Set(scores)).toEqual(new Set([1]));
    expect([later[0], earlier[0], later.at(-1), earlier.at(-1)]).toEqual([1, 0, 299, 298]);
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses the threshold %s", async (threshold) => {
    await expect(pairwisePairs(context.gpu, Float32Array.of(1), 1, { threshold })).rejects.toThrow(
      UsageError,
    );
  });
});
