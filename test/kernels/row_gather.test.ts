import { describe, expect, test } from "vitest";
import { rowGather } from "../../src/kernels/row_gather.ts";
import { rowGather as reference } from "../../src/reference/row_gather.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";
import { randomLabels } from "./labels.ts";

describe("rowGather()", () => {
  const context = useGpu();

  test.each([
    [1, 0, 4],
    [1, 1, 1],
    [10, 3, 63],
    [10, 20, 64],
    [1000, 999, 65],
    [100, 70_001, 2],
  ])("of %i rows %i of dimension %i", async (rowCount, count, dim) => {
    const rows = randomNormals(rowCount * dim, 1);
    const indices = randomLabels(count, rowCount, 2);
    expect(await rowGather(context.gpu, rows, indices, dim)).toEqual(reference(rows, indices, dim));
  });
});
