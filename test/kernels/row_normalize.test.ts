import { describe, expect, test } from "vitest";
import { rowNormalize } from "../../src/kernels/row_normalize.ts";
import { rowNormalize as reference } from "../../src/reference/row_normalize.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";

// A tree of 64 partial sums over 4,096 terms errs by fewer than 80 roundings of 2^-24.
const tolerance = { absolute: 1e-6, relative: 80 * 2 ** -24 };

describe.each(["plain", "lanes8"] as const)("rowNormalize(), variant %s", (variant) => {
  const context = useGpu();

  test.each([
    [0, 8],
    [1, 1],
    [1, 63],
    [3, 64],
    [2, 65],
    [7, 512],
    [5, 4099],
    [70_001, 3],
  ])("%i rows of dimension %i equal the float64 twin", async (rowCount, dim) => {
    const rows = randomNormals(rowCount * dim, rowCount + dim);
    const actual = await rowNormalize(context.gpu, rows, dim, variant);
    const expected = reference(rows, dim);
    expectClose(actual.norms, expected.norms, tolerance);
    expectClose(actual.rows, expected.rows, tolerance);
  });

  test("keeps a row of zeros at zero and reports its norm of 0", async () => {
    const { rows, norms } = await rowNormalize(context.gpu, Float32Array.of(3, 4, 0, 0), 2, variant);
    expectClose(rows, [0.6, 0.8, 0, 0], tolerance);
    expect([...norms]).toEqual([5, 0]);
  });

  test("survives values whose squares leave the range of f32", async () => {
    const { rows, norms } = await rowNormalize(
      context.gpu,
      Float32Array.of(3e30, 4e30, 3e-30, 4e-30),
      2,
      variant,
    );
    expectClose(rows, [0.6, 0.8, 0.6, 0.8], tolerance);
    expectClose(norms, [5e30, 5e-30], { absolute: 0, relative: 1e-6 });
  });

  test("matches the reference table of the system it answers to", async () => {
    const { rows } = await rowNormalize(context.gpu, Float32Array.of(3, 4, 5, 1, 2, 2, 1, 0, 0), 3, variant);
    const expected = [0.42426407, 0.565685, Math.SQRT1_2, 1 / 3, 2 / 3, 2 / 3, 1, 0, 0];
    expectClose(rows, expected, { absolute: 1e-6 });
  });

  test("refuses values that do not fill whole rows", async () => {
    await expect(rowNormalize(context.gpu, new Float32Array(5), 2)).rejects.toThrow(
      "not a multiple of the dimension: 2",
    );
  });
});
