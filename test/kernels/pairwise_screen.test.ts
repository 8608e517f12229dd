import { describe, expect, test } from "vitest";
import { pairwiseScreen } from "../../src/kernels/pairwise_screen.ts";
import { screenSlack } from "../../src/kernels/row_rest_norms.ts";
import { pairwiseScreen as reference } from "../../src/reference/pairwise_screen.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";

describe("pairwiseScreen()", () => {
  const context = useGpu();

  /** Rows around a few directions, so that some pairs reach any threshold and most do not. */
  function clustered(rowCount: number, dim: number, seed: number): Float32Array {
    const centers = randomNormals(8 * dim, seed);
    const noise = randomNormals(rowCount * dim, seed + 1);
    const rows = noise.map(
      (value, at) => centers[((Math.floor(at / dim) * 5) % 8) * dim + (at % dim)]! + 0.4 * value,
    );
    return rowNormalize(rows, dim).rows;
  }

  test.each([
    [0, 4],
    [1, 1],
    [2, 3],
    [63, 3],
    [64, 64],
    [65, 100],
    [129, 512],
    [300, 33],
  ])("%i rows of dimension %i: every pair that reaches the threshold, once", async (rowCount, dim) => {
    const rows = clustered(rowCount, dim, rowCount + 2);
    const starts = Uint32Array.from({ length: rowCount }, (_, row) => row - (row % 110));
    for (const few of [0, 5, 64]) {
      const options = { threshold: Math.fround(0.8), capacity: 64 * 64 * 20, starts, chunk: 16, few };
      const { count, pairs } = await pairwiseScreen(context.gpu, rows, dim, options);
      const keys = new Set<number>();
      for (let at = 0; at < pairs.length; at += 2) {
        const [later, earlier] = [pairs[at]!, pairs[at + 1]!];
        expect(earlier).toBeLessThan(later);
        expect(earlier).toBeGreaterThanOrEqual(starts[later]!);
        keys.add(later * rowCount + earlier);
      }
      expect(keys.size).toBe(count);
      const wanted = reference(rows, dim, options.threshold, starts);
      const missed = [...wanted.later].filter(
        (later, at) => !keys.has(later * rowCount + wanted.earlier[at]!),
      );
      expect(missed).toEqual([]);
      // Pairs that are emitted early may be of any similarity; with none, only those within twice the slack are added.
      if (few > 0) continue;
      const below = options.threshold - 2 * screenSlack(dim);
      expect(count).toBeLessThanOrEqual(reference(rows, dim, below, starts).later.length);
    }
  });

  test("works few chunks of rows that are far apart", async () => {
    const rows = clustered(256, 512, 7);
    const { workedShare, count } = await pairwiseScreen(context.gpu, rows, 512, {
      threshold: Math.fround(0.99),
      capacity: 4096,
      few: 0,
    });
    expect(count).toBe(0);
    expect(workedShare).toBeLessThan(0.3);
  });

  test("counts on past the capacity", async () => {
    const rows = new Float32Array(130 * 4).fill(0.5);
    const { count, pairs } = await pairwiseScreen(context.gpu, rows, 4, { threshold: 1, capacity: 100 });
    expect(count).toBe((130 * 129) / 2);
    expect(pairs.length).toBe(200);
    expect(Math.max(...pairs)).toBeLessThan(130);
  });
});
