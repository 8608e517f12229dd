// Pure decisions of the domain, which need no GPU: chunk plans, cluster counts, random numbers, thresholds, runs.
import { describe, expect, test } from "vitest";
import { chooseClusterCount } from "../../src/dedup/choose_clusters.ts";
import { planChunkRows, planSlices } from "../../src/dedup/chunk_plan.ts";
import { counterRandom, sampleDistinct, shuffled } from "../../src/dedup/random.ts";
import { runsBetween } from "../../src/dedup/row_ingest.ts";
import { sourceIndexOf, sourceIndices } from "../../src/dedup/row_store.ts";
import { thresholdOf } from "../../src/dedup/threshold.ts";

const mebibyte = 2 ** 20;

describe("planChunkRows()", () => {
  test.each([
    [512, 128 * mebibyte, undefined, 65_536],
    [512, 2 * 1024 * mebibyte, undefined, 262_144],
    [3, 128 * mebibyte, undefined, 1_048_576],
    [512, 2 ** 32, 2 ** 31, 1_048_576],
    [1000, 128 * mebibyte, undefined, 32_768],
    [4, 128 * mebibyte, 100 * 16, 64],
    [4, 128 * mebibyte, 10 * 16, 10],
    [4, 128 * mebibyte, 1, 1],
  ])(
    "dimension %i under %i bytes (ceiling %s) gives %i rows",
    (dim, maxBindingBytes, maxChunkBytes, rows) => {
      expect(planChunkRows(dim, { maxBindingBytes, maxChunkBytes })).toBe(rows);
    },
  );

  test("refuses a dimension of which one panel does not fit", () => {
    expect(() => planChunkRows(600_000, { maxBindingBytes: 128 * mebibyte })).toThrow("600000");
  });
});

describe("planSlices()", () => {
  test.each([
    // Tiles of 1,024 rows, clusters, dimension: slices, and the tiles of a run.
    [1000, 1000, 512, 8, 32],
    [20, 1000, 512, 1, 32],
    [1000, 20, 512, 128, 2],
    [1000, 1, 512, 128, 2],
    [5, 1, 3, 3, 2],
    [1000, 60_000, 512, 1, 256],
    [0, 1, 1, 1, 2],
  ])(
    "%i tiles, %i clusters of dimension %i: %i slices of runs of %i",
    (tiles, k, dim, sliceCount, runTiles) => {
      const shape = { rowCount: tiles * 1024, chunkRows: 65_536, dim };
      expect(planSlices(shape, k, 128 * mebibyte)).toEqual({ sliceCount, runTiles });
    },
  );

  test("takes fewer slices on a software adapter, whose few threads they need not feed", () => {
    const shape = { rowCount: 1000 * 1024, chunkRows: 65_536, dim: 512 };
    const plan = (k: number) => planSlices(shape, k, 128 * mebibyte, true);
    expect(plan(1000)).toEqual({ sliceCount: 1, runTiles: 256 });
    expect(plan(20)).toEqual({ sliceCount: 25, runTiles: 10 });
  });

  test("does not depend on how rows are cut into chunks", () => {
    const plans = [1024, 65_536, 262_144].map((chunkRows) =>
      planSlices({ rowCount: 10 ** 6, chunkRows, dim: 64 }, 300, 128 * mebibyte),
    );
    expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBe(1);
  });

  test("refuses more clusters than the device can bind", () => {
    const shape = { rowCount: 10 ** 6, chunkRows: 65_536, dim: 512 };
    expect(() => planSlices(shape, 70_000, 128 * mebibyte)).toThrow("70000 x 512");
  });
});

describe("chooseClusterCount()", () => {
  test.each([
    [0, 1],
    [1, 1],
    [1499, 1],
    [1500, 2],
    [20_000, 20],
    [100_000, 49],
    [1_000_000, 154],
    [50_000_000, 1091],
  ])("%i rows give %i clusters", (rowCount, clusterCount) => {
    const choice = chooseClusterCount(rowCount);
    expect(choice.clusterCount).toBe(clusterCount);
    expect(choice.reason).toContain(String(rowCount));
  });

  test("a cheaper fit makes more clusters worth their while, and says so", () => {
    const choice = chooseClusterCount(10_000_000, { fitDataFraction: 0.01 });
    expect(choice).toMatchObject({ clusterCount: 2041, passes: 1.2 });
    expect(choice.reason).toContain("compares each row 1.2 times");
    expect(chooseClusterCount(10_000_000, { maxIter: 1 }).clusterCount).toBe(1581);
  });

  test("no other number of clusters takes less work", () => {
    const rows = 3_000_000;
    const { clusterCount, passes } = chooseClusterCount(rows);
    const work = (k: number): number => 2 * passes * rows * k + rows ** 2 / k;
    expect(work(clusterCount)).toBeLessThanOrEqual(Math.min(work(clusterCount - 1), work(clusterCount + 1)));
  });
});

describe("random choices", () => {
  test("are the same numbers on every machine", () => {
    expect([0, 1, 2].map((i) => counterRandom(42, 0, i).toFixed(6))).toEqual([
      "0.932361",
      "0.833079",
      "0.776528",
    ]);
  });

  test("spread evenly", () => {
    const mean =
      Array.from({ length: 10_000 }, (_, i) => counterRandom(7, 3, i)).reduce((a, b) => a + b) / 10_000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.015);
  });

  test("shuffled() is a permutation, sampleDistinct() avoids what is taken", () => {
    expect(shuffled(100, 1).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(shuffled(100, 1)).not.toEqual(shuffled(100, 2));
    const taken = new Set([0, 1, 2]);
    const rest = sampleDistinct(7, 10, 5, 0, taken);
    expect(new Set(rest).size).toBe(7);
    expect(rest.some((pick) => taken.has(pick))).toBe(false);
  });
});

describe("thresholdOf()", () => {
  test.each([0, 1e-9, 0.001, 0.01, 0.05, 0.07, 0.1, 0.2, 0.5, 0.999])(
    "eps %f: same answer as float64",
    (eps) => {
      const threshold = thresholdOf(eps);
      expect(threshold).toBe(Math.fround(threshold));
      expect(threshold).toBeGreaterThanOrEqual(1 - eps);
      const below = new Int32Array(Float32Array.of(threshold).buffer);
      below[0]! -= 1;
      expect(new Float32Array(below.buffer)[0]!).toBeLessThan(1 - eps);
    },
  );
});

describe("rows set aside", () => {
  test("runsBetween() leaves them out", () => {
    expect([...runsBetween(new Set([0, 3, 4, 9]), 0, 10)]).toEqual([
      [1, 3],
      [5, 9],
    ]);
    expect([...runsBetween(new Set([12]), 10, 5)]).toEqual([
      [0, 2],
      [3, 5],
    ]);
    expect([...runsBetween(new Set([0, 1]), 0, 2)]).toEqual([]);
  });

  test("sourceIndices() steps over them", () => {
    const store = { setAside: [0, 3, 4] };
    expect([0, 1, 2, 3].map((row) => sourceIndexOf(store, row))).toEqual([1, 2, 5, 6]);
    expect(sourceIndices(store, 1, 3)).toEqual([2, 5, 6]);
  });
});
