// Pure decisions of the domain, which need no GPU: chunk plans, cluster counts, random numbers, thresholds, runs.
import { describe, expect, test } from "vitest";
import { chooseClusterCount } from "../../src/dedup/choose_clusters.ts";
import { planChunkRows, planSlices } from "../../src/dedup/chunk_plan.ts";
import { thresholdOf } from "../../src/dedup/keepers.ts";
import { counterRandom, sampleDistinct, shuffled } from "../../src/dedup/random.ts";
import { runsBetween } from "../../src/dedup/row_ingest.ts";
import { sourceIndexOf, sourceIndices } from "../../src/dedup/row_store.ts";

const mebibyte = 2 ** 20;

describe("planChunkRows()", () => {
  test.each([
    [512, 128 * mebibyte, undefined, 65_536],
    [512, 2 * 1024 * mebibyte, undefined, 131_072],
    [3, 128 * mebibyte, undefined, 262_144],
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
  test("stays under the binding limit and never reaches 0", () => {
    expect(planSlices(1_000_000, 1000, 512, 128 * mebibyte)).toBe(32);
    expect(planSlices(1_000_000, 20, 512, 128 * mebibyte)).toBe(128);
    expect(planSlices(1, 1, 1, 128 * mebibyte)).toBe(1);
    expect(planSlices(10 ** 6, 60_000, 512, 128 * mebibyte)).toBe(1);
    expect(() => planSlices(10 ** 6, 70_000, 512, 128 * mebibyte)).toThrow("70000 x 512");
  });
});

describe("chooseClusterCount()", () => {
  test.each([
    [0, 1],
    [1, 1],
    [1499, 1],
    [1500, 2],
    [20_000, 20],
    [999_600, 1000],
    [50_000_000, 1000],
  ])("%i rows give %i clusters", (rowCount, clusterCount) => {
    const choice = chooseClusterCount(rowCount);
    expect(choice.clusterCount).toBe(clusterCount);
    expect(choice.reason).toContain(String(rowCount));
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
