import { describe, test } from "vitest";
import { sketchFloats } from "../../src/kernels/row_sketch.ts";
import { sketchMoment } from "../../src/kernels/sketch_moment.ts";
import { sketchMoment as reference } from "../../src/reference/sketch_moment.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";

// Sums of up to 300 products of normal values, which wander to 50.
const tolerance = { absolute: 5e-4, relative: 1e-5 };

describe("sketchMoment()", () => {
  const context = useGpu();

  test.each([
    [0, 5],
    [1, 1],
    [9, 63],
    [64, 64],
    [300, 65],
    [33, 513],
  ])("%i rows of dimension %i equal the float64 twin", async (rowCount, dim) => {
    const rows = randomNormals(rowCount * dim, 1);
    const sketches = randomNormals(rowCount * sketchFloats, 2);
    const actual = await sketchMoment(context.gpu, rows, sketches, dim);
    expectClose(actual, reference(rows, sketches, dim), tolerance);
  });
});
