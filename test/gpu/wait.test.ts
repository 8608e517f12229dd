import { describe, expect, test } from "vitest";
import { waitForGpu } from "../../src/gpu/wait.ts";

const polling = { polls: true, software: true };

const later = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Milliseconds that 200 turns of the event loop take in which a fifth of a millisecond of work is done. */
async function busyTurns(): Promise<number> {
  const started = performance.now();
  for (let turn = 0; turn < 200; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    for (const begun = performance.now(); performance.now() - begun < 0.2; );
  }
  return performance.now() - started;
}

describe("waitForGpu()", () => {
  test("passes the value and the error on, polling or not", async () => {
    const failure = new Error("lost");
    for (const polls of [false, true]) {
      expect(
        await waitForGpu(
          later(5).then(() => 7),
          { polls, software: true },
        ),
      ).toBe(7);
      await expect(
        waitForGpu(
          later(5).then(() => Promise.reject(failure)),
          { polls, software: true },
        ),
      ).rejects.toBe(failure);
    }
  });

  test("a long wait leaves the core to others", async () => {
    await waitForGpu(later(100), polling);
    const before = process.cpuUsage();
    await waitForGpu(later(600), polling);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(300);
  });

  test("a wait ends within milliseconds of its promise, and timers go on meanwhile", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const started = performance.now();
    await waitForGpu(later(300), polling);
    clearInterval(timer);
    expect(performance.now() - started).toBeLessThan(450);
    expect(ticks).toBeGreaterThan(20);
  });

  test("work of the same process is not held up: a turn in which something ran is followed by the next", async () => {
    const free = Math.min(await busyTurns(), await busyTurns(), await busyTurns());
    let done: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      done = resolve;
    });
    const pending = waitForGpu(ended, polling);
    await later(100);
    const waiting = await busyTurns();
    done();
    await pending;
    // A sleep after each turn would take six times as long.
    expect(waiting / free).toBeLessThan(3);
  });
});
