import { describe, expect, test } from "vitest";
import { rowRestNorms } from "../../src/kernels/row_rest_norms.ts";
import { rowRestNorms as reference } from "../../src/reference/row_rest_norms.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";

describe("rowRestNorms()", () => {
  const context = useGpu();

  test.each([
    [0, 8, 4],
    [1, 1, 64],
    [63, 3, 2],
    [64, 64, 32],
    [65, 100, 32],
    [130, 515, 64],
    [1, 64, 64],
    [63, 128, 64],
    [130, 512, 64],
  ])("%i rows of dimension %i by chunks of %i equal the float64 twin", async (rowCount, dim, chunk) => {
    const rows = randomNormals(rowCount * dim, rowCount + 1);
    const norms = await rowRestNorms(context.gpu, rows, dim, chunk, 1e-4);
    // Half the error of a sum of squares (515 x 2^-24), and a root's.
    expectClose(norms, reference(rows, dim, chunk, 1e-4), { absolute: 0, relative: 300 * 2 ** -24 });
  });

  test("nothing follows the last prefix but the slack", async () => {
    expect([...(await rowRestNorms(context.gpu, Float32Array.of(3, 4), 2, 1, 0))]).toEqual([4, 0]);
    expectClose(await rowRestNorms(context.gpu, Float32Array.of(3, 4), 2, 2, 0.01), [0.5], {
      absolute: 1e-6,
    });
  });

  test("rounded rows take what rounding can have changed besides", async () => {
    const errors = Float32Array.of(0.001, 5, 0, 1);
    const rows = Float32Array.of(3, 4, 1, 0);
    const norms = await rowRestNorms(context.gpu, rows, 2, 1, 0, errors);
    expectClose(norms, reference(rows, 2, 1, 0, errors), { absolute: 0, relative: 1e-6 });
    expectClose(norms.subarray(3), [1 / 64], { absolute: 0, relative: 1e-6 });
  });
});
