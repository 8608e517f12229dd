import { describe, expect, test } from "vitest";
import { meanPool } from "../../src/kernels/mean_pool.ts";
import { meanPool as reference } from "../../src/reference/mean_pool.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals, seededRandom } from "../support/random.ts";

// Up to 100 terms below 6 in magnitude, added one after the other: 100 roundings of 2^-24 each.
const tolerance = { absolute: 6 * 100 * 2 ** -24 };

describe("meanPool()", () => {
  const context = useGpu();

  test.each([
    [0, 8],
    [1, 1],
    [1, 63],
    [3, 64],
    [2, 65],
    [13, 512],
    [1009, 7],
    [140_000, 31],
  ])("%i groups of dimension %i equal the float64 twin", async (groupCount, dim) => {
    const random = seededRandom(groupCount + dim);
    const offsets = new Uint32Array(groupCount + 1);
    const longest = groupCount > 10_000 ? 2 : 100;
    for (let g = 0; g < groupCount; g++) offsets[g + 1] = offsets[g]! + Math.floor(random() * longest);
    const rows = randomNormals(offsets[groupCount]! * dim, dim);
    expectClose(await meanPool(context.gpu, rows, dim, offsets), reference(rows, dim, offsets), tolerance);
  });

  test("gives a row that stands alone back, and zero for a group without rows", async () => {
    const means = await meanPool(
      context.gpu,
      Float32Array.of(1, 2, 3, 5, 5, 7),
      2,
      Uint32Array.of(0, 1, 1, 3),
    );
    expect([...means]).toEqual([1, 2, 0, 0, 4, 6]);
  });

  test("refuses offsets that do not cover the rows", async () => {
    for (const offsets of [
      Uint32Array.of(0, 1),
      Uint32Array.of(1, 2),
      Uint32Array.of(0, 3, 2),
      new Uint32Array(0),
    ]) {
      await expect(meanPool(context.gpu, new Float32Array(4), 2, offsets)).rejects.toThrow(
        "offsets must ascend",
      );
    }
  });
});
