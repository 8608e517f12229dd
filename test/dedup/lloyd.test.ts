import { describe, expect, test } from "vitest";
import { CentroidSet } from "../../src/dedup/centroid_set.ts";
import { type KmeansIteration, type LloydOptions, lloyd } from "../../src/dedup/lloyd.ts";
import { kmeansAssign } from "../../src/reference/kmeans_assign.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { blobs, unitRows, withStore } from "./rows.ts";

// Distances of unit rows, up to 64 squares each in f32.
const tolerance = { absolute: 1e-6, relative: 1e-5 };

describe("lloyd()", () => {
  const context = useGpu();

  async function run(
    rows: Float32Array,
    dim: number,
    init: Float32Array,
    options: Partial<LloydOptions> = {},
    storeOptions: { readonly maxChunkBytes?: number; readonly residentBytes?: number } = {},
  ) {
    const { gpu } = context;
    return await withStore(gpu, rows, { dim, ...storeOptions }, async (store) => {
      const centroids = CentroidSet.upload(gpu, init, dim);
      try {
        const { iterations, converged } = await lloyd(gpu, store, centroids, {
          maxIter: 100,
          tol: 1e-4,
          ...options,
        });
        return {
          iterations: iterations.map(({ seconds: _, ...figures }: KmeansIteration) => figures),
          converged,
          centroids: await gpu.readFloats(centroids.rows, init.length),
          halfNorms: await gpu.readFloats(centroids.halfNorms, centroids.count),
        };
      } finally {
        centroids.destroy();
      }
    });
  }

  test("the result does not depend on how many rounds a submission holds", async () => {
    const dim = 24;
    const { rows } = blobs(3000, 20, dim, 0.6, 4);
    const init = rows.slice(0, 20 * dim);
    const single = await run(rows, dim, init, { batchRounds: 1 });
    expect(single.converged).toBe(true);
    expect(single.iterations.length).toBeGreaterThan(5);
    for (const batchRounds of [2, 3, 4, 8, 100])
      expect(await run(rows, dim, init, { batchRounds })).toEqual(single);
    expect(await run(rows, dim, init)).toEqual(single);
    const chunked = { maxChunkBytes: 1024 * dim * 4 };
    expect(await run(rows, dim, init, { batchRounds: 4 }, chunked)).toEqual(single);
    expect(await run(rows, dim, init, { batchRounds: 4 }, { ...chunked, residentBytes: 0 })).toEqual(single);
  });

  test("maxIter ends a batch early", async () => {
    const { rows } = blobs(500, 9, 8, 1, 4);
    const init = rows.slice(0, 9 * 8);
    const single = await run(rows, 8, init, { maxIter: 6, tol: 0, batchRounds: 1 });
    expect(single.iterations).toHaveLength(6);
    expect(await run(rows, 8, init, { maxIter: 6, tol: 0, batchRounds: 4 })).toEqual(single);
  });

  test("stops on request inside a batch", async () => {
    const stop = new AbortController();
    const rounds: number[] = [];
    const { rows } = blobs(500, 9, 8, 1, 4);
    const work = run(rows, 8, rows.slice(0, 9 * 8), {
      tol: 0,
      batchRounds: 4,
      onIteration: (_, round) => {
        rounds.push(round);
        if (round === 2) stop.abort(new Error("enough"));
      },
      signal: stop.signal,
    });
    await expect(work).rejects.toThrow("enough");
    expect(rounds).toEqual([1, 2]);
  });

  test.each([
    [1, 3],
    [1, 64],
    [7, 5],
    [1500, 8],
  ])("each round's figures are those of float64, %i clusters of dimension %i", async (k, dim) => {
    const rows = unitRows(2000, dim, 3);
    let centroids = unitRows(k, dim, 5);
    const { iterations } = await run(rows, dim, centroids, { maxIter: 3, tol: 0, batchRounds: 3 });
    let before: Uint32Array | undefined;
    for (const figures of iterations) {
      const { labels, distances } = kmeansAssign(rows, centroids, dim);
      expectClose([figures.inertia], [distances.reduce((sum, value) => sum + value, 0)], tolerance);
      expect(figures.movedRows).toBe(
        before === undefined ? 2000 : labels.filter((label, row) => label !== before?.[row]).length,
      );
      expect(figures.emptyClusters).toBe(k - new Set(labels).size);
      const moved = meansOf(rows, labels, centroids, dim);
      const shift = moved.reduce((sum, value, i) => sum + (value - centroids[i]!) ** 2, 0);
      expectClose([figures.shift], [shift], tolerance);
      before = labels;
      centroids = moved;
    }
  });

  test.each([false, true])(
    "so are those of many rounds in which few rows move (spherical %s)",
    async (spherical) => {
      const [k, dim] = [12, 16];
      const rows = scaled(blobs(2500, k, dim, 0.6, 7).rows, dim);
      let centroids = rows.slice(0, k * dim);
      const { iterations } = await run(rows, dim, centroids, { maxIter: 25, tol: 0, spherical });
      expect(iterations.slice(1).filter(({ movedRows }) => movedRows < 2500 / 10).length).toBeGreaterThan(10);
      for (const figures of iterations) {
        const { labels, distances } = kmeansAssign(rows, centroids, dim);
        expectClose([figures.inertia], [distances.reduce((sum, value) => sum + value, 0)], tolerance);
        const means = meansOf(rows, labels, centroids, dim);
        const moved = spherical ? scaled(means, dim) : means;
        const shift = moved.reduce((sum, value, i) => sum + (value - centroids[i]!) ** 2, 0);
        expectClose([figures.shift], [shift], tolerance);
        centroids = moved;
      }
    },
  );

  test("a weight of 3 counts like three rows", async () => {
    const rows = unitRows(40, 6, 1);
    const init = rows.slice(0, 5 * 6);
    const weights = Uint32Array.from({ length: 40 }, (_, row) => (row % 4 === 0 ? 3 : 1));
    const repeated = Float32Array.from(
      [...weights].flatMap((weight, row) =>
        Array.from({ length: weight }, () => [...rows.subarray(row * 6, row * 6 + 6)]).flat(),
      ),
    );
    const weighted = await run(rows, 6, init, { weights });
    const plain = await run(repeated, 6, init);
    expectClose(weighted.centroids, plain.centroids, tolerance);
    expect(weighted.iterations).toHaveLength(plain.iterations.length);
    expectClose(
      weighted.iterations.map(({ inertia }) => inertia),
      plain.iterations.map(({ inertia }) => inertia),
      tolerance,
    );
  });

  test("spherical: centroids have length 1 after every round, an empty cluster stays", async () => {
    const rows = Float32Array.of(1, 0.2, 1, -0.1, 0.9, 0, 0, 1, 0.1, 1);
    const init = Float32Array.of(1, 0, 0, 1, -3, -4);
    for (const batchRounds of [1, 4]) {
      const { centroids, halfNorms } = await run(rows, 2, init, { spherical: true, batchRounds });
      expectClose(
        [0, 1].map((row) => Math.hypot(centroids[2 * row]!, centroids[2 * row + 1]!)),
        [1, 1],
        tolerance,
      );
      expectClose(halfNorms, [0.5, 0.5, 12.5], tolerance);
      expect([...centroids.subarray(4)]).toEqual([-3, -4]);
    }
  });
});

function scaled(rows: Float32Array, dim: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(rows, (value, i) => {
    const first = i - (i % dim);
    return value / Math.hypot(...rows.subarray(first, first + dim));
  });
}

function meansOf(
  rows: Float32Array,
  labels: Uint32Array,
  centroids: Float32Array,
  dim: number,
): Float32Array<ArrayBuffer> {
  const sums = new Float64Array(centroids.length);
  const counts = new Float64Array(centroids.length / dim);
  labels.forEach((label, row) => {
    counts[label]!++;
    for (let i = 0; i < dim; i++) sums[label * dim + i]! += rows[row * dim + i]!;
  });
  return Float32Array.from(sums, (sum, i) => {
    const count = counts[Math.floor(i / dim)]!;
    return count === 0 ? centroids[i]! : sum / count;
  });
}
