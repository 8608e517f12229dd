import { describe, expect, test } from "vitest";
import { openRowStore, type RowStore } from "../../src/dedup/row_store.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";
import { sourceOf, withStore } from "./rows.ts";

describe("openRowStore()", () => {
  const context = useGpu();

  async function readAll(store: RowStore): Promise<{ rows: number[]; shapes: [number, number][] }> {
    const rows: number[] = [];
    const shapes: [number, number][] = [];
    await store.forEachChunk(async (chunk) => {
      shapes.push([chunk.firstRow, chunk.rowCount]);
      rows.push(...(await context.gpu.readFloats(chunk.rows, chunk.rowCount * store.dim)));
    });
    return { rows, shapes };
  }

  test.each([
    [0, 10, 64],
    [1, 10, 64],
    [64, 7, 64],
    [65, 1000, 64],
    [500, 33, 64],
    [500, 500, 10],
  ])(
    "%i rows in blocks of %i, chunks of %i: streaming equals resident bit for bit",
    async (rowCount, blockRows, chunkRows) => {
      const dim = 5;
      const rows = randomNormals(rowCount * dim, rowCount);
      const options = { dim, blockRows, maxChunkBytes: chunkRows * dim * 4 };
      const resident = await withStore(context.gpu, rows, options, async (store) => {
        expect(store.resident).toBe(true);
        expect(store.rowCount).toBe(rowCount);
        return await readAll(store);
      });
      await withStore(context.gpu, rows, { ...options, residentBytes: 0 }, async (store) => {
        expect(store.resident).toBe(rowCount === 0);
        expect(await readAll(store)).toEqual(resident);
        expect(await readAll(store)).toEqual(resident);
      });
      expectClose(resident.rows, rowNormalize(rows, dim).rows, { absolute: 1e-6 });
      expect(resident.shapes).toEqual(
        Array.from({ length: Math.ceil(rowCount / chunkRows) }, (_, i) => [
          i * chunkRows,
          Math.min(chunkRows, rowCount - i * chunkRows),
        ]),
      );
    },
  );

  test.each([10 ** 9, 0])(
    "sets aside rows without a direction and leaves the others as they are (%i)",
    async (residentBytes) => {
      const dim = 3;
      const rows = randomNormals(200 * dim, 4);
      rows.fill(0, 0, 3);
      rows[70 * dim + 1] = Number.NaN;
      rows.fill(Number.NaN, 71 * dim, 72 * dim);
      rows[100 * dim] = Number.POSITIVE_INFINITY;
      rows.fill(0, 199 * dim);
      const options = { dim, blockRows: 30, maxChunkBytes: 64 * dim * 4, residentBytes };
      await withStore(context.gpu, rows, options, async (store) => {
        expect(store.setAside).toEqual([0, 70, 71, 100, 199]);
        expect(store.rowCount).toBe(195);
        const good = Array.from({ length: 200 }, (_, row) => row).filter(
          (row) => !store.setAside.includes(row),
        );
        const expected = good.flatMap((row) => [
          ...rowNormalize(rows.subarray(row * dim, (row + 1) * dim), dim).rows,
        ]);
        expectClose((await readAll(store)).rows, expected, { absolute: 1e-6 });
      });
    },
  );

  test("refuses blocks that do not fill whole rows", async () => {
    const source = sourceOf(new Float32Array(7), 7, 1);
    await expect(openRowStore(context.gpu, source, { dim: 2 })).rejects.toThrow(
      "not a multiple of the dimension: 2",
    );
  });

  test("refuses a source that changes between passes", async () => {
    let count = 10;
    const source = function* () {
      yield { rows: new Float32Array(count * 2).fill(1) };
    };
    const store = await openRowStore(context.gpu, source, { dim: 2, residentBytes: 0 });
    count = 9;
    await expect(store.forEachChunk(() => undefined)).rejects.toThrow("another number: 9");
  });
});
