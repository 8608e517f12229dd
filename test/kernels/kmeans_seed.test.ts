import { describe, expect, test } from "vitest";
import { kmeansSeed } from "../../src/kernels/kmeans_seed.ts";
import { kmeansSeed as reference } from "../../src/reference/kmeans_seed.ts";
import { useGpu } from "../support/gpu.ts";
import { seededRandom } from "../support/random.ts";

describe("kmeansSeed()", () => {
  const context = useGpu();

  test.each([
    [0, 0.5, 0],
    [1, 1, 0],
    [63, 0.3, 5],
    [64, 0.3, 1_000_000],
    [65, 0.3, 4_294_967_000],
    [100_003, 0.01, 77],
  ])("picks of %i rows at scale %f from row %i are those of the twin", async (rowCount, scale, firstRow) => {
    const random = seededRandom(rowCount);
    const distances = Float32Array.from({ length: rowCount }, () => random() * 2);
    const params = { seed: 42, round: 3, scale, firstRow };
    expect(await kmeansSeed(context.gpu, distances, params)).toEqual(reference(distances, params));
  });

  test("picks in proportion to the distance, and never a row at distance 0", async () => {
    const distances = Float32Array.from({ length: 120_000 }, (_, row) => row % 3);
    const picks = await kmeansSeed(context.gpu, distances, { seed: 1, round: 0, scale: 0.1, firstRow: 0 });
    const counts = [0, 0, 0];
    for (const row of picks) counts[row % 3]!++;
    expect(counts[0]).toBe(0);
    // 40,000 trials: five standard deviations are 300 and 400.
    expect(Math.abs(counts[1]! - 4000)).toBeLessThan(300);
    expect(Math.abs(counts[2]! - 8000)).toBeLessThan(400);
  });

  test("rounds and seeds give different picks, the same ones the same", async () => {
    const distances = new Float32Array(1000).fill(1);
    const pick = (seed: number, round: number) =>
      kmeansSeed(context.gpu, distances, { seed, round, scale: 0.1, firstRow: 0 });
    expect(await pick(1, 1)).toEqual(await pick(1, 1));
    expect(await pick(1, 1)).not.toEqual(await pick(1, 2));
    expect(await pick(1, 1)).not.toEqual(await pick(2, 1));
  });
});
