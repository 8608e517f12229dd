import { describe, expect, test } from "vitest";
import { pairsByteLength } from "../../src/kernels/kmeans_prune.ts";
import { kmeansScore } from "../../src/kernels/kmeans_score.ts";
import { kmeansSettle } from "../../src/kernels/kmeans_settle.ts";
import { kmeansSettle as reference } from "../../src/reference/kmeans_settle.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals, seededRandom } from "../support/random.ts";
import { randomLabels } from "./labels.ts";

describe("kmeansSettle()", () => {
  const context = useGpu();

  /** Other centroids than its own for each row, each with the share `density`. */
  function pairsOf(labels: Uint32Array, k: number, rowPairs: number, density: number): Uint32Array {
    const random = seededRandom(4);
    const pairs = new Uint32Array(pairsByteLength(labels.length, rowPairs) / 4);
    for (const [row, label] of labels.entries()) {
      const start = row * (1 + rowPairs);
      for (let centroid = 0; centroid < k; centroid++) {
        if (centroid === label || random() > density) continue;
        pairs[start]!++;
        pairs[start + pairs[start]!] = centroid;
      }
    }
    return pairs;
  }

  async function settle(rows: Float32Array, centroids: Float32Array, dim: number, density: number) {
    const k = centroids.length / dim;
    const labels = randomLabels(rows.length / dim, k, 7);
    const halfNorms = Float32Array.from({ length: k }, (_, c) =>
      centroids.subarray(c * dim, (c + 1) * dim).reduce((sum, value) => sum + value ** 2 / 2, 0),
    );
    const scores = await kmeansScore(context.gpu, rows, centroids, labels, dim);
    const rowPairs = k + 3;
    const pairs = pairsOf(labels, k, rowPairs, density);
    const inputs = [rows, centroids, halfNorms, scores, labels, pairs, rowPairs] as const;
    return {
      labels,
      actual: await kmeansSettle(context.gpu, ...inputs),
      plain: await kmeansSettle(context.gpu, ...inputs, "plain"),
      expected: reference(...inputs),
    };
  }

  test.each([
    [1, 2, 1, 1],
    [63, 5, 4, 1],
    [64, 64, 31, 0.5],
    [65, 65, 16, 0.1],
    [300, 30, 513, 0.3],
  ])("%i rows, %i centroids, dimension %i, share %d equal the float64 twin", async (...args) => {
    const [rowCount, k, dim, density] = args;
    const { rows } = rowNormalize(randomNormals(rowCount * dim, 1), dim);
    const centroids = rowNormalize(randomNormals(k * dim, 2), dim).rows;
    const { actual, plain, expected } = await settle(rows, centroids, dim, density);
    expect(actual).toEqual(expected);
    expect(plain).toEqual(expected);
  });

  test("gives ties to the lowest label, the row's own included", async () => {
    const { labels, actual } = await settle(
      randomNormals(128 * 8, 3),
      new Float32Array(50 * 8).fill(0.5),
      8,
      1,
    );
    expect(labels.some((label) => label > 0)).toBe(true);
    expect(actual).toEqual(new Uint32Array(128));
  });

  test("labels without pairs stay", async () => {
    const { labels, actual } = await settle(randomNormals(70 * 8, 3), randomNormals(9 * 8, 4), 8, 0);
    expect(actual).toEqual(labels);
  });
});
