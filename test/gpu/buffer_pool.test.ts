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
  test("gives back a buffer made for about the size, each once", () => {
    const pool = new BufferPool(2 ** 31);
    const [size, fewer, more] = [33.1, 35.9, 36.1].map((count) => pool.sizeFor(count * mebibyte));
    expect([size, fewer, more]).toEqual([36, 36, 40].map((count) => count * mebibyte));
    const [first, second] = [fake(size!), fake(size!)];
    pool.give(first);
    pool.give(second);
    expect(pool.take(more!)).toBeUndefined();
    expect(pool.take(32 * mebibyte)).toBeUndefined();
    expect(pool.take(34 * mebibyte)).toBe(second);
    expect(pool.take(34 * mebibyte)).toBe(first);
    expect(pool.take(34 * mebibyte)).toBeUndefined();
    expect(first.gone || second.gone).toBe(false);
  });

  test("makes no buffer past what one binding spans for who asks for less, and no small one larger", () => {
    const pool = new BufferPool(17 * mebibyte);
    expect(pool.sizeFor(16.5 * mebibyte)).toBe(17 * mebibyte);
    expect(pool.sizeFor(17.5 * mebibyte)).toBe(17.5 * mebibyte);
    expect(pool.sizeFor(1000)).toBe(1000);
  });

  test("ends small buffers, and the oldest ones once 4 GiB lie idle", () => {
    const pool = new BufferPool(2 ** 31);
    const small = pool.made(fake(1000)) as ReturnType<typeof fake>;
    pool.give(small);
    expect(small.gone).toBe(true);
    const buffers = [1, 2, 3, 4, 5].map(() => fake(2 ** 30));
    for (const buffer of buffers) pool.made(buffer);
    for (const buffer of buffers) pool.give(buffer);
    expect(buffers.map(({ gone }) => gone)).toEqual([true, false, false, false, false]);
    expect(pool.take(2 ** 30)).toBe(buffers[4]);
  });

  test("keeps more where much is in use", () => {
    const pool = new BufferPool(2 ** 31);
    for (let i = 0; i < 10; i++) pool.made(fake(2 ** 30));
    const buffers = [1, 2, 3, 4, 5, 6].map(() => fake(2 ** 30));
    for (const buffer of buffers) pool.made(buffer);
    for (const buffer of buffers) pool.give(buffer);
    expect(buffers.map(({ gone }) => gone)).toEqual([true, false, false, false, false, false]);
  });
});
