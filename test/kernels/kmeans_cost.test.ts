import { describe, expect, test } from "vitest";
import { kmeansCost } from "../../src/kernels/kmeans_cost.ts";
import { kmeansCost as reference } from "../../src/reference/kmeans_cost.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { seededRandom } from "../support/random.ts";

// 1,024 positive terms, 16 in a row and a tree of 64: fewer than 24 roundings of 2^-24.
const tolerance = { absolute: 0, relative: 24 * 2 ** -24 };

describe("kmeansCost()", () => {
  const context = useGpu();

  test.each([0, 1, 63, 1023, 1024, 1025, 10_007])("%i rows equal the float64 twin", async (rowCount) => {
    const random = seededRandom(rowCount);
    const distances = Float32Array.from({ length: rowCount }, () => random() * 4);
    expectClose(await kmeansCost(context.gpu, distances), reference(distances), tolerance);
  });

  test("adds nothing for distances of zero", async () => {
    expect(await kmeansCost(context.gpu, new Float32Array(3000))).toEqual(new Float32Array(3));
  });
});
