import { describe, expect, test } from "vitest";
import { pairwiseMatch } from "../../src/kernels/pairwise_match.ts";
import { pairwiseMatch as reference } from "../../src/reference/pairwise_match.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";

describe("pairwiseMatch()", () => {
  const context = useGpu();

  // The threshold lies off the products of these seeded rows by more than their rounding.
  test.each([
    [0, 4],
    [1, 1],
    [31, 3],
    [32, 8],
    [33, 9],
    [65, 66],
    [509, 4],
    [1024, 3],
  ])("%i rows of dimension %i match as in the float64 twin", async (rowCount, dim) => {
    const { rows } = rowNormalize(randomNormals(rowCount * dim, rowCount + 3), dim);
    const starts = Uint32Array.from({ length: rowCount }, (_, row) => Math.floor(row / 100) * 100);
    const threshold = 0.71234567;
    expect(await pairwiseMatch(context.gpu, rows, dim, threshold, starts)).toEqual(
      reference(rows, dim, threshold, starts),
    );
  });

  test("a product that equals the threshold matches", async () => {
    const matches = await pairwiseMatch(context.gpu, Float32Array.of(1, 0, 0.5, 0, 0, 1), 2, 0.5);
    expect([...matches]).toEqual([0, 1, 0]);
  });

  test("refuses a block of more than 1024 rows", async () => {
    await expect(pairwiseMatch(context.gpu, new Float32Array(1025), 1, 0.9)).rejects.toThrow(
      "1024 rows: 1025",
    );
  });
});
