import { describe, expect, test } from "vitest";
import { kmeansAssign } from "../../src/kernels/kmeans_assign.ts";
import { kmeansDuel } from "../../src/kernels/kmeans_duel.ts";
import { kmeansScreen } from "../../src/kernels/kmeans_screen.ts";
import { kmeansScreen as reference } from "../../src/reference/kmeans_screen.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals, seededRandom } from "../support/random.ts";

const unit = (count: number, dim: number, seed: number): Float32Array =>
  rowNormalize(randomNormals(count * dim, seed), dim).rows;

/** Rows near `k` centers: each a center and a little noise. */
function clustered(rowCount: number, centers: Float32Array, dim: number, noise: number): Float32Array {
  const random = seededRandom(11);
  const rows = randomNormals(rowCount * dim, 12).map((value) => value * noise);
  for (let row = 0; row < rowCount; row++) {
    const center = Math.floor(random() * (centers.length / dim));
    for (let i = 0; i < dim; i++) rows[row * dim + i]! += centers[center * dim + i]!;
  }
  return rowNormalize(rows, dim).rows;
}

describe("kmeansScreen()", () => {
  const context = useGpu();

  /** Labels after the duels are those of the f32 kernel but for doubtful rows; returns how many rows went which way. */
  async function expectProven(
    rows: Float32Array,
    centroids: Float32Array,
    dim: number,
  ): Promise<{ doubtful: number; duels: number }> {
    const { labels, doubtful, duels } = await kmeansScreen(context.gpu, rows, centroids, dim);
    const settled = await kmeansDuel(context.gpu, rows, centroids, dim, labels, duels);
    const exact = await kmeansAssign(context.gpu, rows, centroids, dim);
    const listed = new Set(doubtful);
    const wrong = [...settled].flatMap((label, row) =>
      label === exact.labels[row] || listed.has(row) ? [] : [row],
    );
    expect(wrong).toEqual([]);
    return { doubtful: doubtful.length, duels: duels.length };
  }

  test.each([
    [1, 1, 1],
    [63, 7, 5],
    [129, 65, 64],
    [200, 130, 70],
    [64, 257, 33],
    [300, 5, 513],
  ])("%i rows, %i centroids, dimension %i", async (rowCount, k, dim) => {
    const rows = unit(rowCount, dim, 1);
    const centroids = unit(k, dim, 2).map((value) => value * 0.7);
    await expectProven(rows, centroids, dim);
    const actual = await kmeansScreen(context.gpu, rows, centroids, dim);
    const expected = reference(rows, centroids, dim);
    // The bound of the kernel is a little wider than the twin's, whose lengths are not rounded up.
    const full = new Set(actual.doubtful);
    const listed = new Set([...full, ...actual.duels.map(([row]) => row)]);
    for (const row of expected.doubtful) expect(full.has(row)).toBe(true);
    for (const [row] of expected.duels) expect(listed.has(row)).toBe(true);
    const more = listed.size - expected.doubtful.length - expected.duels.length;
    expect(more).toBeLessThanOrEqual(1 + rowCount / 50);
    for (const [row, label] of expected.labels.entries())
      if (!listed.has(row)) expect(actual.labels[row]).toBe(label);
    const rivals = new Map(expected.duels);
    for (const [row, rival] of actual.duels) {
      // Where two are as near as rounding, either may lead: the pair is the same.
      const pair = [actual.labels[row], rival].sort();
      if (rivals.has(row)) expect(pair).toEqual([expected.labels[row], rivals.get(row)].sort());
    }
  });

  test("nearly all rows of clustered data are certain", async () => {
    const centers = unit(40, 96, 3);
    const { doubtful, duels } = await expectProven(clustered(1000, centers, 96, 0.03), centers, 96);
    expect(doubtful + duels).toBeLessThan(20);
  });

  test("equal centroids leave every row in doubt", async () => {
    const centroids = new Float32Array(70 * 32).fill(0.1);
    expect(await expectProven(unit(100, 32, 4), centroids, 32)).toEqual({ doubtful: 100, duels: 0 });
  });

  test("of centroids a hair apart the row's two meet in a duel", async () => {
    const centers = unit(8, 64, 5);
    const twins = new Float32Array([...centers, ...centers.map((value) => value * (1 + 1e-6))]);
    const rows = clustered(200, centers, 64, 0.02);
    expect(await expectProven(rows, twins, 64)).toEqual({ doubtful: 0, duels: 200 });
  });

  test("a row that f16 cannot hold is in doubt", async () => {
    const rows = unit(3, 16, 6);
    rows[16] = 1e6;
    const { doubtful } = await kmeansScreen(context.gpu, rows, unit(4, 16, 7), 16);
    expect([...doubtful]).toContain(1);
  });

  test("one centroid leaves no doubt", async () => {
    expect(await expectProven(unit(10, 8, 8), unit(1, 8, 9), 8)).toEqual({ doubtful: 0, duels: 0 });
  });
});
