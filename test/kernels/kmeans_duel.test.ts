import { describe, expect, test } from "vitest";
import { kmeansAssign } from "../../src/kernels/kmeans_assign.ts";
import { kmeansDuel } from "../../src/kernels/kmeans_duel.ts";
import { kmeansDuel as reference } from "../../src/reference/kmeans_duel.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";

describe("kmeansDuel()", () => {
  const context = useGpu();

  test.each([
    [1, 2, 1],
    [63, 5, 3],
    [64, 9, 64],
    [65, 7, 100],
    [300, 40, 512],
  ])("%i rows, %i centroids, dimension %i equal the float64 twin", async (rowCount, k, dim) => {
    const rows = randomNormals(rowCount * dim, 1);
    const centroids = randomNormals(k * dim, 2);
    const labels = Uint32Array.from({ length: rowCount }, (_, row) => row % k);
    const duels = [...labels].map((label, row) => [row, (label + 1 + (row % (k - 1))) % k] as const);
    expect(await kmeansDuel(context.gpu, rows, centroids, dim, labels, duels)).toEqual(
      reference(rows, centroids, dim, labels, duels),
    );
  });

  test("rows without a duel keep their label, ties go to the lower one", async () => {
    const centroids = new Float32Array([1, 0, 1, 0, 0, 1]);
    const rows = new Float32Array([1, 0, 1, 0, 0, 1]);
    const labels = Uint32Array.of(1, 1, 0);
    const settled = await kmeansDuel(context.gpu, rows, centroids, 2, labels, [
      [0, 0],
      [2, 2],
    ]);
    expect(settled).toEqual(Uint32Array.of(0, 1, 2));
  });

  test("settles near ties as kmeans_assign does", async () => {
    const dim = 512;
    const base = randomNormals(dim, 3);
    const centroids = new Float32Array(2 * dim);
    for (let i = 0; i < dim; i++) {
      centroids[i] = base[i]!;
      centroids[dim + i] = base[i]! * (1 + (i % 2 === 0 ? 1e-7 : -1e-7));
    }
    const rows = randomNormals(400 * dim, 4);
    const duels = Array.from({ length: 400 }, (_, row) => [row, 1] as const);
    const settled = await kmeansDuel(context.gpu, rows, centroids, dim, new Uint32Array(400), duels);
    expect(settled).toEqual((await kmeansAssign(context.gpu, rows, centroids, dim)).labels);
  });
});
