import { describe, expect, test } from "vitest";
import { orthonormalize } from "../../src/dedup/sketch_basis.ts";
import { rowSketch, sketchFloats, sketchWidth } from "../../src/kernels/row_sketch.ts";
import { rowSketch as reference } from "../../src/reference/row_sketch.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";

// Sums of up to 600 products, of rows of length 25 and unit columns: 600 roundings of 2^-24, and the square root of such.
const tolerance = { absolute: 5e-4, relative: 1e-4 };

const basisOf = (dim: number, seed: number): Float32Array =>
  orthonormalize(randomNormals(dim * sketchWidth, seed), dim);

describe("rowSketch()", () => {
  const context = useGpu();

  test.each([
    [0, 70],
    [1, 1],
    [7, 3],
    [63, 64],
    [64, 65],
    [65, 130],
    [200, 600],
  ])("%i rows of dimension %i equal the float64 twin", async (rowCount, dim) => {
    const rows = randomNormals(rowCount * dim, dim);
    const basis = basisOf(dim, 3);
    expectClose(await rowSketch(context.gpu, rows, basis, dim), reference(rows, basis, dim), tolerance);
  });

  test("the product of two rests bounds what the coordinates leave of a dot product", async () => {
    const dim = 96;
    const rows = randomNormals(40 * dim, 1);
    const sketches = await rowSketch(context.gpu, rows, basisOf(dim, 2), dim);
    for (let a = 0; a < 40; a++) {
      for (let b = 0; b < 40; b++) {
        const [x, y] = [sketches.subarray(a * sketchFloats), sketches.subarray(b * sketchFloats)];
        let left = 0;
        for (let i = 0; i < dim; i++) left += rows[a * dim + i]! * rows[b * dim + i]!;
        for (let i = 0; i < sketchWidth; i++) left -= x[i]! * y[i]!;
        expect(Math.abs(left)).toBeLessThanOrEqual(x[64]! * y[64]! + x[65]! + y[65]!);
      }
    }
  });

  test("rows that the basis holds whole leave next to nothing", async () => {
    const dim = 40;
    const sketches = await rowSketch(context.gpu, randomNormals(9 * dim, 4), basisOf(dim, 5), dim);
    for (let row = 0; row < 9; row++) expect(sketches[row * sketchFloats + 64]).toBeLessThan(0.1);
  });
});
