import { describe, expect, test } from "vitest";
import { CentroidSet } from "../../src/dedup/centroid_set.ts";
import { lloyd } from "../../src/dedup/lloyd.ts";
import { RowState } from "../../src/dedup/row_state.ts";
import type { RowStore, RowStoreOptions } from "../../src/dedup/row_store.ts";
import { findSketchBasis, orthonormalize } from "../../src/dedup/sketch_basis.ts";
import { planSketches, SketchedAssign, type SketchPlan } from "../../src/dedup/sketched_assign.ts";
import { prunesFast } from "../../src/kernels/kmeans_prune.ts";
import { panelByteLength } from "../../src/kernels/panel_pack.ts";
import type { RowList } from "../../src/kernels/row_list.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals, seededRandom } from "../support/random.ts";
import { unitRows, withStore } from "./rows.ts";

/** Unit rows around `k` centers whose values fall off as 1 / i, turned so that no dimension is special. */
function falling(rowCount: number, k: number, dim: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const centers = randomNormals(k * dim, seed + 1);
  const rows = randomNormals(rowCount * dim, seed + 2);
  const mirror = unitRows(1, dim, seed + 3);
  for (let row = 0; row < rowCount; row++) {
    const center = Math.floor(random() * k) * dim;
    const values = rows.subarray(row * dim, (row + 1) * dim);
    let product = 0;
    for (let i = 0; i < dim; i++) {
      values[i] = (centers[center + i]! + values[i]! / 2) / (1 + i);
      product += values[i]! * mirror[i]!;
    }
    for (let i = 0; i < dim; i++) values[i]! -= 2 * product * mirror[i]!;
  }
  return rows;
}

describe("an assignment by sketches", () => {
  const context = useGpu();

  /** Labels twice, first without labels to begin with and then from its own; both have to be those of kmeans_assign. */
  async function expectExact(
    rows: Float32Array,
    centroids: Float32Array,
    dim: number,
    plan: Partial<SketchPlan> = {},
    storeOptions: Partial<RowStoreOptions> = {},
  ): Promise<void> {
    const { gpu } = context;
    await withStore(gpu, rows, { dim, ...storeOptions }, async (store) => {
      const set = CentroidSet.upload(gpu, centroids, dim);
      const exact = new RowState(gpu, store);
      const sketched = new RowState(gpu, store, { basis: await findSketchBasis(gpu, store), ...plan });
      for (let round = 0; round < 2; round++) {
        await store.forEachChunk((chunk) =>
          gpu.submit("test", (recorder) => {
            exact.recordAssign(recorder, chunk, set, { labelsOnly: true });
            sketched.recordAssign(recorder, chunk, set, { labelsOnly: true });
          }),
        );
        for (const [index, { labels, rowCount }] of exact.chunks.entries())
          expect(await gpu.readUints(sketched.chunks[index]!.labels, rowCount)).toEqual(
            await gpu.readUints(labels, rowCount),
          );
      }
      for (const owned of [exact, sketched, set]) owned.destroy();
    });
  }

  test.each([
    [1, 1, 65],
    [63, 2, 70],
    [65, 3, 128],
    [200, 65, 129],
    [500, 130, 256],
    [700, 1000, 600],
    [130, 50, 20],
  ])("%i random rows, %i centroids, dimension %i", async (rowCount, k, dim) => {
    const centroids = unitRows(k, dim, 2).map((value) => value * 0.8);
    await expectExact(unitRows(rowCount, dim, 1), centroids, dim);
  });

  test("clustered rows, whatever fits into the room for pairs", async () => {
    const rows = falling(3000, 80, 256, 5);
    const centroids = falling(150, 80, 256, 5);
    for (const rowPairs of [undefined, 1, 5, 40, 150]) await expectExact(rows, centroids, 256, { rowPairs });
  });

  test("a basis of no use, and none at all", async () => {
    const [rows, centroids] = [falling(300, 20, 200, 6), falling(90, 20, 200, 7)];
    const random = orthonormalize(randomNormals(200 * 64, 8), 200);
    for (const basis of [random, new Float32Array(200 * 64)])
      for (const rowPairs of [undefined, 90]) await expectExact(rows, centroids, 200, { basis, rowPairs });
  });

  test("duplicated rows and centroids: ties go to the lowest label", async () => {
    const dim = 300;
    const few = falling(9, 9, dim, 9);
    const repeat = (count: number): Float32Array =>
      Float32Array.from({ length: count * dim }, (_, at) => few[at % few.length]!);
    for (const rowPairs of [undefined, 140]) await expectExact(repeat(400), repeat(140), dim, { rowPairs });
  });

  test("rows and centroids that are all equal", async () => {
    for (const rowPairs of [undefined, 70])
      await expectExact(new Float32Array(100 * 96).fill(1), new Float32Array(70 * 96).fill(0.1), 96, {
        rowPairs,
      });
  });

  test("centroids that differ by next to nothing", async () => {
    const dim = 512;
    const rows = unitRows(300, dim, 3);
    const noise = randomNormals(100 * dim, 4);
    for (const size of [1e-7, 1e-6, 1e-4]) {
      const centroids = noise.map((value, at) => rows[at % dim]! + value * size);
      await expectExact(rows, centroids, dim, { rowPairs: 100 });
    }
  });

  test("centroids far from unit length", async () => {
    const [rows, centroids] = [unitRows(200, 130, 1), randomNormals(80 * 130, 2)];
    for (const scale of [0, 1e-3, 30])
      await expectExact(
        rows,
        centroids.map((value) => value * scale),
        130,
        { rowPairs: 80 },
      );
  });

  test("several chunks, and rows that stream", async () => {
    const [rows, centroids] = [falling(2500, 30, 128, 5), falling(70, 30, 128, 6)];
    const chunked = { maxChunkBytes: 1024 * 128 * 4 };
    await expectExact(rows, centroids, 128, {}, chunked);
    await expectExact(rows, centroids, 128, {}, { ...chunked, residentBytes: 0 });
  });

  test("labels of other centroids in between are no labels to begin with", async () => {
    const { gpu } = context;
    const [dim, k] = [128, 70];
    await withStore(gpu, falling(500, 30, dim, 5), { dim }, async (store) => {
      const set = CentroidSet.upload(gpu, falling(k, 30, dim, 6), dim);
      const state = new RowState(gpu, store, { basis: await findSketchBasis(gpu, store) });
      const found: Uint32Array[] = [];
      for (const options of [{ labelsOnly: true }, { firstLabel: 10 * k }, { labelsOnly: true }]) {
        await store.forEachChunk((chunk) =>
          gpu.submit("test", (recorder) => state.recordAssign(recorder, chunk, set, options)),
        );
        found.push(await gpu.readUints(state.chunks[0]!.labels, 500));
      }
      expect(found[1]).toEqual(found[0]!.map((label) => label + 10 * k));
      expect(found[2]).toEqual(found[0]);
      for (const owned of [state, set]) owned.destroy();
    });
  });

  test("clusters of a falling spectrum leave few centroids in question", async () => {
    const { gpu } = context;
    const dim = 256;
    await withStore(gpu, falling(5000, 150, dim, 5), { dim }, async (store) => {
      const set = CentroidSet.upload(gpu, falling(150, 150, dim, 5), dim);
      await lloyd(gpu, store, set, { maxIter: 3, tol: 0 });
      const panels = gpu.buffer("test.panels", panelByteLength(5000, dim));
      const labels = gpu.buffer("test.labels", 5000 * 4);
      const plan = { basis: await findSketchBasis(gpu, store), rowPairs: 16 };
      const sketched = new SketchedAssign(gpu, store, plan, () => panels);
      await store.forEachChunk(async (chunk) => {
        let list: RowList | undefined;
        gpu.submit("test", (recorder) => {
          list = sketched.record(recorder, chunk, set, labels);
        });
        expect((await list?.read(gpu))?.length).toBe(0);
      });
      for (const owned of [sketched, set, panels, labels]) owned.destroy();
    });
  });

  test("is planned where a trial gains by it", async () => {
    const { gpu } = context;
    const [dim, rowCount] = [256, 8192];
    const rows = falling(rowCount, 150, dim, 5);
    await withStore(gpu, rows, { dim }, async (store) => {
      const plans = async (values: Float32Array, of: RowStore = store): Promise<boolean> => {
        const set = CentroidSet.upload(gpu, values, dim);
        const plan = await planSketches(gpu, of, set);
        set.destroy();
        return plan !== undefined;
      };
      const centroids = rows.slice(0, 150 * dim);
      expect(await plans(centroids)).toBe(prunesFast(gpu));
      expect(await plans(centroids.subarray(0, 127 * dim))).toBe(false);
      expect(await plans(centroids, { ...store, rowCount: rowCount - 1 })).toBe(false);
      expect(await plans(centroids, { ...store, resident: false })).toBe(false);
    });
    await withStore(gpu, unitRows(rowCount, dim, 1), { dim }, async (store) => {
      const set = CentroidSet.upload(gpu, unitRows(150, dim, 2), dim);
      expect(await planSketches(gpu, store, set)).toBe(undefined);
      set.destroy();
    });
  });
});

describe("orthonormalize()", () => {
  test("columns are orthonormal up to the rounding of f32, dependent ones zeros", () => {
    const dim = 100;
    const columns = randomNormals(dim * 64, 1);
    for (let i = 0; i < dim; i++) {
      columns[i * 64 + 5] = columns[i * 64 + 2]! - 3 * columns[i * 64 + 4]!;
      columns[i * 64 + 9] = 0;
    }
    const basis = orthonormalize(columns, dim);
    for (let a = 0; a < 64; a++) {
      for (let b = 0; b < 64; b++) {
        let product = 0;
        for (let i = 0; i < dim; i++) product += basis[i * 64 + a]! * basis[i * 64 + b]!;
        expect(Math.abs(product - (a === b && a !== 5 && a !== 9 ? 1 : 0))).toBeLessThan(3e-7);
      }
    }
  });

  test("fewer dimensions than columns leave zeros", () => {
    const basis = orthonormalize(randomNormals(10 * 64, 2), 10);
    const squares = Array.from({ length: 64 }, (_, c) => {
      let square = 0;
      for (let i = 0; i < 10; i++) square += basis[i * 64 + c]! ** 2;
      return Math.round(square);
    });
    expect(squares).toEqual(Array.from({ length: 64 }, (_, c) => (c < 10 ? 1 : 0)));
  });
});
