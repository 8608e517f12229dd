import { describe, expect, test } from "vitest";
import { pairwiseMax } from "../../src/kernels/pairwise_max.ts";
import { pairwiseMax as reference } from "../../src/reference/pairwise_max.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals, seededRandom } from "../support/random.ts";

// A dot product of unit rows of up to 515 dimensions errs by less than 515 x 2^-24.
const tolerance = { absolute: 515 * 2 ** -24 };

function unitRows(count: number, dim: number, seed: number): Float32Array {
  return rowNormalize(randomNormals(count * dim, seed), dim).rows;
}

describe("pairwiseMax()", () => {
  const context = useGpu();

  async function expectTwin(rows: Float32Array, dim: number, starts?: Uint32Array): Promise<void> {
    const actual = await pairwiseMax(context.gpu, rows, dim, starts);
    const expected = reference(rows, dim, starts);
    expectClose(actual.scores, expected.scores, tolerance);
    // An index may differ from the twin's only where both are equally similar within the tolerance.
    actual.maxIndex.forEach((index, row) => {
      const wanted = expected.maxIndex[row]!;
      if (index === wanted) return;
      expect(index).toBeLessThanOrEqual(row);
      const dot = (other: number): number => {
        if (other === row) return 0;
        let product = 0;
        for (let i = 0; i < dim; i++) product += rows[row * dim + i]! * rows[other * dim + i]!;
        return product;
      };
      expect(Math.abs(dot(index) - dot(wanted))).toBeLessThanOrEqual(tolerance.absolute);
    });
  }

  test.each([
    [0, 8],
    [1, 1],
    [2, 3],
    [7, 5],
    [8, 8],
    [9, 16],
    [63, 7],
    [64, 32],
    [65, 33],
    [129, 515],
    [509, 13],
  ])("%i rows of dimension %i equal the float64 twin", async (rowCount, dim) => {
    await expectTwin(unitRows(rowCount, dim, rowCount), dim);
  });

  test("compares only inside groups", async () => {
    const random = seededRandom(3);
    const starts = new Uint32Array(700);
    for (let row = 1; row < 700; row++) starts[row] = random() < 0.05 ? row : starts[row - 1]!;
    await expectTwin(unitRows(700, 6, 4), 6, starts);
  });

  test.each([2, 3, 9])("%i splits of the earlier rows give the same bits", async (splits) => {
    for (const [rowCount, size] of [
      [1, 1],
      [130, 130],
      [600, 250],
    ] as const) {
      const rows = unitRows(rowCount, 40, rowCount);
      const starts = Uint32Array.from({ length: rowCount }, (_, row) => row - (row % size));
      const whole = await pairwiseMax(context.gpu, rows, 40, starts);
      expect(await pairwiseMax(context.gpu, rows, 40, starts, splits)).toEqual(whole);
    }
  });

  test("equal rows in splits: the first of them", async () => {
    const { maxIndex } = await pairwiseMax(context.gpu, new Float32Array(300 * 4).fill(0.5), 4, undefined, 5);
    expect(maxIndex).toEqual(new Uint32Array(300));
  });

  test("equal rows: score 1 with the first of them", async () => {
    const rows = new Float32Array(200 * 4).fill(0.5);
    const { scores, maxIndex } = await pairwiseMax(context.gpu, rows, 4);
    expect(maxIndex).toEqual(new Uint32Array(200));
    expect(scores).toEqual(new Float32Array(200).fill(1).fill(0, 0, 1));
  });

  test("floors at 0 as the reference does", async () => {
    const first = await pairwiseMax(context.gpu, Float32Array.of(1, 0, -1, 0, 0, -1), 2);
    expect([...first.scores]).toEqual([0, 0, 0]);
    expect([...first.maxIndex]).toEqual([0, 1, 0]);
    const second = await pairwiseMax(context.gpu, Float32Array.of(1, 0, -1, 0, -0.8, 0.6), 2);
    expectClose(second.scores, [0, 0, 0.8], tolerance);
    expect([...second.maxIndex]).toEqual([0, 1, 1]);
  });

  test("zero rows are similar to nothing, and the first of them wins at 0", async () => {
    const { scores, maxIndex } = await pairwiseMax(context.gpu, new Float32Array(70 * 3), 3);
    expect(scores).toEqual(new Float32Array(70));
    expect(maxIndex).toEqual(new Uint32Array(70));
  });

  test("matches the reference table of the system it answers to", async () => {
    const table = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 1, 2, 3);
    const { scores, maxIndex } = await pairwiseMax(context.gpu, rowNormalize(table, 3).rows, 3);
    expectClose(scores, [0, 0.974631, 0.99819, 0.999618, 1, 1], { absolute: 1e-6 });
    expect([...maxIndex]).toEqual([0, 0, 1, 2, 0, 0]);
  });
});
