import { describe, expect, test } from "vitest";
import { MemoryGate } from "../../src/stages/memory_gate.ts";
import { inOrder } from "../../src/stages/side_by_side.ts";

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

describe("inOrder()", () => {
  test("gives results in the order of the items, however long each takes, and works no more at once than asked", async () => {
    let [now, most] = [0, 0];
    const results: number[] = [];
    const worked = inOrder([5, 1, 4, 1, 3, 2], 3, async (item) => {
      most = Math.max(most, ++now);
      await pause(item);
      now--;
      return item * 10;
    });
    for await (const result of worked) results.push(result);
    expect(results).toEqual([50, 10, 40, 10, 30, 20]);
    expect(most).toBe(3);
  });

  test("begins nothing after a failure, and leaves nothing at work behind it", async () => {
    const begun: number[] = [];
    let ended = 0;
    const all = (async () => {
      const worked = inOrder([0, 1, 2, 3, 4, 5], 2, async (item) => {
        begun.push(item);
        await pause(item === 1 ? 1 : 5);
        ended++;
        if (item === 1) throw new RangeError("one");
      });
      for await (const _ of worked);
    })();
    await expect(all).rejects.toThrow("one");
    expect(begun.length).toBeLessThan(5);
    expect(ended).toBe(begun.length);
  });
});

describe("MemoryGate", () => {
  test("holds no more than its limit at once, save for work that alone is over it", async () => {
    const gate = new MemoryGate(10);
    let [now, most] = [0, 0];
    const order: number[] = [];
    const sizes = [4, 4, 4, 25, 1, 9, 2];
    await Promise.all(
      sizes.map((bytes) =>
        gate.hold(bytes, async () => {
          now += bytes;
          if (bytes <= 10) most = Math.max(most, now);
          else expect(now).toBe(bytes);
          order.push(bytes);
          await pause(1);
          now -= bytes;
        }),
      ),
    );
    expect(order).toEqual(sizes);
    expect(most).toBeLessThanOrEqual(10);
  });

  test("goes on after work that failed", async () => {
    const gate = new MemoryGate(1);
    await expect(gate.hold(1, () => Promise.reject(new RangeError("no")))).rejects.toThrow("no");
    expect(await gate.hold(1, async () => "yes")).toBe("yes");
  });
});
