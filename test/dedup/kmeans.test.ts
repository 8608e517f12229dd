import { describe, expect, test } from "vitest";
import { type AssignedChunk, assignRows } from "../../src/dedup/assign.ts";
import { type KmeansOptions, type KmeansResult, kmeans } from "../../src/dedup/kmeans.ts";
import type { RowStore } from "../../src/dedup/row_store.ts";
import { centroidDistance } from "../../src/reference/centroid_distance.ts";
import { kmeansAssign } from "../../src/reference/kmeans_assign.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";
import { adjustedRandIndex, blobs, goldenBlobs, unitRows, withStore } from "./rows.ts";

describe("kmeans()", () => {
  const context = useGpu();

  async function labelsOf(store: RowStore, centroids: Float32Array): Promise<number[]> {
    const labels: number[] = [];
    await assignRows(context.gpu, store, centroids, (chunk) => void labels.push(...chunk.labels));
    return labels;
  }

  function cluster(
    rows: Float32Array,
    dim: number,
    options: KmeansOptions,
    storeOptions: { maxChunkBytes?: number; residentBytes?: number; blockRows?: number } = {},
  ): Promise<{ result: KmeansResult; labels: number[] }> {
    return withStore(context.gpu, rows, { dim, ...storeOptions }, async (store) => {
      const result = await kmeans(context.gpu, store, options);
      return { result, labels: await labelsOf(store, result.centroids) };
    });
  }

  /** `seconds` is the one thing that may differ between equal runs. */
  const comparable = ({ iterations, ...rest }: KmeansResult) => ({
    ...rest,
    iterations: iterations.map(({ seconds: _, ...numbers }) => numbers),
  });

  test("finds the clusters of the reference's workflow rows, with its inertia", async () => {
    const golden = goldenBlobs();
    for (const randomState of [42, 1, 2, 3]) {
      const { result, labels } = await cluster(golden.rows, 3, { nClusters: 5, randomState });
      expect(result.converged).toBe(true);
      expect(adjustedRandIndex(labels, golden.labels)).toBeGreaterThan(0.99);
      const sizes = [0, 0, 0, 0, 0];
      for (const label of labels) sizes[label]!++;
      expect(sizes.sort((a, b) => a - b)).toEqual(golden.clusterSizes);
      expectClose([result.iterations.at(-1)!.inertia], [golden.inertia], { absolute: 0, relative: 1e-3 });
    }
  });

  test.each([1, 2, 3, 4, 5])("tells blobs apart with seed %i (ARI > 0.99)", async (randomState) => {
    const { rows, truth } = blobs(4000, 4, 64, 0.5, 11);
    const { labels } = await cluster(rows, 64, { nClusters: 4, randomState });
    expect(adjustedRandIndex(labels, truth)).toBeGreaterThan(0.99);
  });

  test("finds as many blobs as there are", async () => {
    const { rows, truth } = blobs(3000, 40, 32, 0.2, 21);
    const { result, labels } = await cluster(rows, 32, { nClusters: 40 });
    expect(result.iterations.at(-1)!.emptyClusters).toBe(0);
    expect(adjustedRandIndex(labels, truth)).toBeGreaterThan(0.9);
  });

  test("inertia never rises", async () => {
    const rows = unitRows(2000, 16, 3);
    const { result } = await cluster(rows, 16, { nClusters: 30, tol: 0, maxIter: 60, init: "random" });
    const inertias = result.iterations.map(({ inertia }) => inertia);
    expect(inertias.length).toBeGreaterThan(5);
    // Rounding of f32 distances, added up, may lift a settled value by a few millionths.
    inertias.slice(1).forEach((inertia, i) => {
      expect(inertia).toBeLessThanOrEqual(inertias[i]! * (1 + 2e-6));
    });
  });

  test("k-means|| and k-means++ begin better than random rows", async () => {
    const { rows } = blobs(3000, 50, 24, 0.15, 9);
    const first = async (init: "k-means||" | "k-means++" | "random") =>
      (await cluster(rows, 24, { nClusters: 50, init, maxIter: 1 })).result.iterations[0]!.inertia;
    const random = await first("random");
    expect(await first("k-means||")).toBeLessThan(random * 0.7);
    expect(await first("k-means++")).toBeLessThan(random * 0.8);
  });

  test("spherical: every centroid of rows has length 1", async () => {
    const rows = unitRows(500, 8, 1);
    const { result } = await cluster(rows, 8, { nClusters: 6, spherical: true });
    for (let c = 0; c < 6; c++)
      expectClose([Math.hypot(...result.centroids.subarray(c * 8, c * 8 + 8))], [1], { absolute: 1e-6 });
  });

  test("permuting the rows permutes the labels", async () => {
    const { rows } = blobs(700, 6, 10, 0.4, 30);
    const init = unitRows(6, 10, 31);
    const order = Array.from({ length: 700 }, (_, row) => (row * 331) % 700);
    const moved = Float32Array.from(order.flatMap((row) => [...rows.subarray(row * 10, row * 10 + 10)]));
    const plain = await cluster(rows, 10, { nClusters: 6, init });
    const permuted = await cluster(moved, 10, { nClusters: 6, init });
    expect(permuted.labels).toEqual(order.map((row) => plain.labels[row]));
    expectClose(permuted.result.centroids, plain.result.centroids, { absolute: 1e-5 });
  });

  test("same seed, same bits, ten times over; another seed, another beginning", async () => {
    const rows = randomNormals(3000 * 12, 8);
    const run = async (randomState: number) =>
      comparable((await cluster(rows, 12, { nClusters: 25, randomState, maxIter: 6 })).result);
    const first = await run(42);
    for (let round = 0; round < 9; round++) expect(await run(42)).toEqual(first);
    expect(await run(43)).not.toEqual(first);
  });

  test.each([1024, 256])(
    "streams and chunks of %i rows give what one resident chunk gives",
    async (chunkRows) => {
      const dim = 7;
      const rows = randomNormals(3100 * dim, 12);
      const options = { nClusters: 9, maxIter: 5 };
      const limits = { maxChunkBytes: chunkRows * dim * 4, blockRows: 333 };
      const whole = await cluster(rows, dim, options);
      const resident = await cluster(rows, dim, options, limits);
      const streaming = await cluster(rows, dim, options, { ...limits, residentBytes: 0 });
      expect(comparable(streaming.result)).toEqual(comparable(resident.result));
      expect(streaming.labels).toEqual(resident.labels);
      expectClose(resident.result.centroids, whole.result.centroids, { absolute: 1e-5 });
      // Sums run in the same order whatever the chunks, as long as blocks of 1,024 rows stay whole.
      if (chunkRows === 1024) expect(comparable(resident.result)).toEqual(comparable(whole.result));
    },
  );

  test("a collection seeded from a sample finds its blobs too, streamed or not, with the same bits", async () => {
    const { rows, truth } = blobs(20_000, 6, 4, 0.1, 17);
    const options = { nClusters: 6 };
    const resident = await cluster(rows, 4, options);
    const streaming = await cluster(rows, 4, options, { residentBytes: 0 });
    expect(adjustedRandIndex(resident.labels, truth)).toBeGreaterThan(0.99);
    expect(streaming.result.centroids).toEqual(resident.result.centroids);
    expect(streaming.labels).toEqual(resident.labels);
  });

  describe("edges", () => {
    test("no rows: no clusters", async () => {
      const { result, labels } = await cluster(new Float32Array(0), 4, { nClusters: 3 });
      expect(result).toMatchObject({ k: 0, iterations: [], converged: true });
      expect(labels).toEqual([]);
    });

    test("one row, one cluster: its centroid is the row", async () => {
      const { result, labels } = await cluster(Float32Array.of(3, 4), 2, { nClusters: 1 });
      expectClose(result.centroids, [0.6, 0.8], { absolute: 1e-6 });
      expect(labels).toEqual([0]);
    });

    test("more clusters than rows: clamped with a warning", async () => {
      const warnings: string[] = [];
      const { result, labels } = await cluster(unitRows(5, 8, 2), 8, {
        nClusters: 1000,
        onWarning: (message) => warnings.push(message),
      });
      expect(result.k).toBe(5);
      expect(warnings).toEqual([
        "1000 clusters were asked of 5 rows: made 5. Fewer clusters find more duplicates",
      ]);
      expect(new Set(labels).size).toBe(5);
    });

    test.each(["k-means||", "k-means++", "random"] as const)(
      "as many clusters as rows (%s): each row its own",
      async (init) => {
        const { result, labels } = await cluster(unitRows(100, 9, 6), 9, { nClusters: 100, init });
        expect(new Set(labels).size).toBe(100);
        expect(result.iterations.at(-1)!.inertia).toBeLessThan(1e-9);
      },
    );

    test.each(["k-means||", "k-means++", "random"] as const)(
      "all rows equal (%s): one cluster takes all, the others stay empty",
      async (init) => {
        const rows = new Float32Array(300 * 4).fill(1);
        const { result, labels } = await cluster(rows, 4, { nClusters: 7, init });
        expect(new Set(labels)).toEqual(new Set([0]));
        expect(result.iterations.at(-1)).toMatchObject({ emptyClusters: 6 });
        expect(result.centroids.every(Number.isFinite)).toBe(true);
      },
    );

    test("an empty cluster keeps its centroid", async () => {
      const init = Float32Array.of(1, 0, -1, 0);
      const { result, labels } = await cluster(Float32Array.of(1, 0.1, 1, -0.1, 1, 0), 2, {
        nClusters: 2,
        init,
      });
      expect(labels).toEqual([0, 0, 0]);
      expect([...result.centroids.subarray(2)]).toEqual([-1, 0]);
      expect(result.iterations.at(-1)!.emptyClusters).toBe(1);
    });

    test("maxIter ends a run that has not converged", async () => {
      const { result } = await cluster(unitRows(500, 8, 1), 8, { nClusters: 20, maxIter: 1, tol: 0 });
      expect(result).toMatchObject({ converged: false });
      expect(result.iterations).toHaveLength(1);
    });

    test("stops on request", async () => {
      const stop = new AbortController();
      const run = cluster(unitRows(500, 8, 1), 8, {
        nClusters: 20,
        tol: 0,
        onIteration: () => stop.abort(new Error("enough")),
        signal: stop.signal,
      });
      await expect(run).rejects.toThrow("enough");
    });

    test.each([
      [{ nClusters: 0 }, "nClusters must be a whole number from 1: 0"],
      [{ nClusters: 2, maxIter: 0 }, "maxIter must be a whole number from 1: 0"],
      [{ nClusters: 2, tol: Number.NaN }, "tol must be 0 or more: NaN"],
      [{ nClusters: 2, randomState: 0.5 }, "randomState must be a whole number from 0: 0.5"],
      [{ nClusters: 2, init: new Float32Array(3) }, "nClusters x dim = 4 values: 3"],
    ])("refuses %j", async (options, message) => {
      await expect(cluster(unitRows(5, 2, 1), 2, options)).rejects.toThrow(message);
    });
  });
});

describe("assignRows()", () => {
  const context = useGpu();

  test("gives labels, distances, unit rows and source indices, chunk by chunk", async () => {
    const dim = 6;
    const rows = randomNormals(150 * dim, 3);
    rows.fill(0, 40 * dim, 41 * dim);
    const centroids = randomNormals(11 * dim, 4);
    await withStore(context.gpu, rows, { dim, maxChunkBytes: 64 * dim * 4 }, async (store) => {
      const chunks: AssignedChunk[] = [];
      await assignRows(context.gpu, store, centroids, (chunk) => void chunks.push(chunk));
      expect(chunks.map(({ firstRow, rowCount }) => [firstRow, rowCount])).toEqual([
        [0, 64],
        [64, 64],
        [128, 21],
      ]);
      expect(chunks.flatMap((chunk) => chunk.sourceIndices)).toEqual(
        Array.from({ length: 150 }, (_, row) => row).filter((row) => row !== 40),
      );
      for (const { rows: unit, labels, l2Distances, cosineDistances } of chunks) {
        expect(labels).toEqual(kmeansAssign(unit, centroids, dim).labels);
        const expected = centroidDistance(unit, centroids, labels, dim);
        expectClose(l2Distances, expected.l2Distances, { absolute: 1e-6, relative: 1e-6 });
        expectClose(cosineDistances, expected.cosineDistances, { absolute: 1e-6 });
      }
    });
  });
});
