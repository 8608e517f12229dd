import { describe, expect, test } from "vitest";
import type { VariantName } from "../../src/gpu/kernel.ts";
import { kmeansPrune } from "../../src/kernels/kmeans_prune.ts";
import { sketchFloats } from "../../src/kernels/row_sketch.ts";
import { kmeansPrune as reference, sketchSearch } from "../../src/reference/kmeans_prune.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals, seededRandom } from "../support/random.ts";
import { randomLabels } from "./labels.ts";

/** Margins of so little may fall on either side: sums of 67 terms whose sizes add up to about 20, each rounded to 2^-24. */
const rounding = 67 * 20 * 2 ** -24;

/** Sketches with a rest and a share of doubt that are positive. */
function sketchesOf(count: number, seed: number): Float32Array {
  return randomNormals(count * sketchFloats, seed).map((value, at) =>
    at % sketchFloats < 64 ? value / 4 : Math.abs(value) / 100,
  );
}

describe("kmeansPrune()", () => {
  const context = useGpu();

  /** Variants that this device has. */
  const variants = (): readonly VariantName<"kmeans_prune">[] =>
    context.gpu.variantOf("kmeans_prune") === "plain" ? ["plain"] : ["plain", "lanes8"];

  interface Case {
    readonly rows: Float32Array;
    readonly centroids: Float32Array;
    readonly halfNorms: Float32Array;
    readonly scores: Float32Array;
    readonly labels: Uint32Array;
  }

  function caseOf(rowCount: number, k: number): Case {
    const random = seededRandom(k);
    return {
      rows: sketchesOf(rowCount, rowCount),
      centroids: sketchesOf(k, k + 1),
      halfNorms: Float32Array.from({ length: k }, () => random() * 2),
      scores: Float32Array.from({ length: rowCount }, () => random()),
      labels: randomLabels(rowCount, k, 5),
    };
  }

  test.each([
    [0, 1],
    [1, 1],
    [7, 2],
    [63, 3],
    [64, 8],
    [65, 33],
    [200, 101],
  ])("%i rows, %i centroids: pairs are those of the float64 twin", async (rowCount, k) => {
    const { rows, centroids, halfNorms, scores, labels } = caseOf(rowCount, k);
    const margins = reference(rows, centroids, halfNorms, scores);
    const rowPairs = k;
    for (const variant of variants()) {
      const options = { rowPairs, variant };
      const { pairs, listed } = await kmeansPrune(
        context.gpu,
        rows,
        centroids,
        halfNorms,
        scores,
        labels,
        options,
      );
      expect([...listed]).toEqual([]);
      const open = new Set<number>();
      for (let row = 0; row < rowCount; row++) {
        const start = row * (1 + rowPairs);
        const centroids = [...pairs.subarray(start + 1, start + 1 + pairs[start]!)];
        expect(centroids).toEqual(centroids.toSorted((a, b) => a - b));
        for (const centroid of centroids) open.add(row * k + centroid);
      }
      for (const [at, margin] of margins.entries()) {
        const own = labels[Math.floor(at / k)] === at % k;
        if (own || Math.abs(margin) > rounding) expect(open.has(at)).toBe(!own && margin >= 0);
      }
      if (rowCount * k > 1000) expect(open.size).toBeGreaterThan(10);
    }
  });

  test("rows that too many centroids stay open for are listed, the others are not", async () => {
    const { rows, centroids, halfNorms, scores, labels } = caseOf(150, 40);
    scores.fill(1000, 64, 128);
    scores.fill(-1000, 0, 64).fill(-1000, 128);
    scores[70] = -1000;
    for (const variant of variants()) {
      const options = { rowPairs: 38, variant };
      const inputs = [rows, centroids, halfNorms, scores, labels] as const;
      const { pairs, listed } = await kmeansPrune(context.gpu, ...inputs, options);
      const expected = [...Array(150).keys()].filter((row) => row < 64 || row === 70 || row >= 128);
      expect([...listed]).toEqual(expected);
      expect(pairs.filter((_, at) => at % 39 === 0)).toEqual(new Uint32Array(150));
      const roomy = await kmeansPrune(context.gpu, ...inputs, { rowPairs: 39, variant });
      expect(roomy.listed.length).toBe(0);
      expect([...roomy.pairs.filter((_, at) => at % 40 === 0)]).toEqual(
        Array.from({ length: 150 }, (_, row) => (expected.includes(row) ? 39 : 0)),
      );
    }
  });

  test("finds the labels that sketches alone suggest", async () => {
    const { rows, centroids, halfNorms, scores, labels } = caseOf(131, 45);
    for (const variant of variants()) {
      const options = { rowPairs: 1, search: true, variant };
      const found = await kmeansPrune(context.gpu, rows, centroids, halfNorms, scores, labels, options);
      expect(found.labels).toEqual(sketchSearch(rows, centroids, halfNorms));
      expect(found.listed.length).toBe(0);
    }
  });
});
