import { describe, expect, test } from "vitest";
import { halfPack } from "../../src/kernels/half_pack.ts";
import { halfPack as reference } from "../../src/reference/half_pack.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";

describe("halfPack()", () => {
  const context = useGpu();

  test.each([
    [0, 5],
    [1, 1],
    [3, 63],
    [64, 64],
    [65, 65],
    [129, 17],
    [67, 20],
    [130, 512],
  ])("%i rows of dimension %i equal the twin, bit for bit", async (rowCount, dim) => {
    const rows = randomNormals(rowCount * dim, rowCount + dim).map((value) => value / 16);
    const actual = await halfPack(context.gpu, rows, dim);
    const expected = reference(rows, dim);
    expect(actual.halves.map((bits) => (bits === 0x8000 ? 0 : bits))).toEqual(expected.halves);
    // The kernel's are a ten thousandth longer, so that rounding cannot make them too short.
    expectClose(
      actual.errors,
      expected.errors.map((error) => error * 1.0001),
      { absolute: 1e-9, relative: 1e-5 },
    );
    for (const [i, error] of actual.errors.entries())
      expect(error).toBeGreaterThanOrEqual(expected.errors[i]!);
  });

  test("a value too small for a normal f16 counts as an error", async () => {
    const { halves, errors } = await halfPack(context.gpu, Float32Array.of(6e-5, -6e-5, 0.5), 3);
    expect([...halves.subarray(0, 3)].map((bits) => bits & 0x7fff)).toEqual([0, 0, 0x3800]);
    expect(errors[0]).toBeCloseTo(6e-5 * Math.SQRT2 * 1.0001, 9);
  });

  test("a value too large for f16 leaves an error that is no small number", async () => {
    const { errors } = await halfPack(context.gpu, Float32Array.of(1e6, 0), 2);
    expect(errors[0]! < 1000).toBe(false);
  });
});
