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
  test("gives back a buffer that is large enough and not much larger, each once", () => {
    const pool = new BufferPool(2 ** 31);
    const [large, buffer] = [fake(18 * mebibyte), fake(16 * mebibyte)];
    pool.give(large);
    pool.give(buffer);
    expect(pool.take(8 * mebibyte)).toBeUndefined();
    expect(pool.take(19 * mebibyte)).toBeUndefined();
    expect(pool.take(15 * mebibyte)).toBe(buffer);
    expect(pool.take(15 * mebibyte)).toBe(large);
    expect(pool.take(15 * mebibyte)).toBeUndefined();
    expect(large.gone || buffer.gone).toBe(false);
  });

  test("gives nothing past what one binding spans to who asks for less", () => {
    const pool = new BufferPool(16 * mebibyte);
    pool.give(fake(17 * mebibyte));
    expect(pool.take(15 * mebibyte)).toBeUndefined();
    expect(pool.take(16.5 * mebibyte)?.size).toBe(17 * mebibyte);
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
