import { describe, expect, test } from "vitest";
import { BufferPool } from "../../src/gpu/buffer_pool.ts";

const mebibyte = 2 ** 20;

/** A buffer that knows whether it was destroyed. */
function fake(size: number): GPUBuffer & { gone: boolean } {
  const buffer = {
    size,
    gone: false,
    destroy(): void {
      buffer.gone = true;
    },
  };
  return buffer as unknown as GPUBuffer & { gone: boolean };
}

describe("BufferPool", () => {
  test("rounds large sizes up to steps of a sixteenth, never past what one binding spans", () => {
    const pool = new BufferPool(2 ** 31 - 4);
    expect(pool.roundUp(1000)).toBe(1000);
    expect(pool.roundUp(16 * mebibyte)).toBe(16 * mebibyte);
    expect(pool.roundUp(16 * mebibyte + 4)).toBe(17 * mebibyte);
    expect(pool.roundUp(2 ** 31 - 100)).toBe(2 ** 31 - 4);
    expect(pool.roundUp(2 ** 31)).toBe(2 ** 31);
  });

  test("gives back a buffer of the same size, each once", () => {
    const pool = new BufferPool(2 ** 31);
    const buffer = fake(16 * mebibyte);
    pool.give(buffer);
    expect(pool.take(17 * mebibyte)).toBeUndefined();
    expect(pool.take(16 * mebibyte)).toBe(buffer);
    expect(pool.take(16 * mebibyte)).toBeUndefined();
    expect(buffer.gone).toBe(false);
  });

  test("ends small buffers, and the oldest ones once 4 GiB lie idle", () => {
    const pool = new BufferPool(2 ** 31);
    const small = fake(1000);
    pool.give(small);
    expect(small.gone).toBe(true);
    const buffers = [1, 2, 3, 4, 5].map(() => fake(2 ** 30));
    for (const buffer of buffers) pool.give(buffer);
    expect(buffers.map(({ gone }) => gone)).toEqual([true, false, false, false, false]);
    expect(pool.take(2 ** 30)).toBe(buffers[4]);
  });
});
