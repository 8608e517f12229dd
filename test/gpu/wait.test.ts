import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { waitForGpu } from "../../src/gpu/wait.ts";

const later = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Seconds in which a child process delivers 100 MB. */
async function pipeSeconds(): Promise<number> {
  const started = performance.now();
  const source =
    "const b = Buffer.alloc(65536); let n = 1600; (function w() { while (n-- > 0) if (!process.stdout.write(b)) return process.stdout.once('drain', w); })();";
  const child = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "ignore"] });
  let bytes = 0;
  for await (const chunk of child.stdout) bytes += (chunk as Buffer).length;
  expect(bytes).toBe(1600 * 65536);
  return (performance.now() - started) / 1000;
}

describe("waitForGpu()", () => {
  test("passes the value and the error on, polling or not", async () => {
    const failure = new Error("lost");
    for (const polls of [false, true]) {
      expect(
        await waitForGpu(
          later(5).then(() => 7),
          polls,
        ),
      ).toBe(7);
      await expect(
        waitForGpu(
          later(5).then(() => Promise.reject(failure)),
          polls,
        ),
      ).rejects.toBe(failure);
    }
  });

  test("a long wait leaves the core to others", async () => {
    await waitForGpu(later(100), true);
    const before = process.cpuUsage();
    await waitForGpu(later(600), true);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(300);
  });

  test("a wait ends within milliseconds of its promise, and timers go on meanwhile", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const started = performance.now();
    await waitForGpu(later(300), true);
    clearInterval(timer);
    expect(performance.now() - started).toBeLessThan(450);
    expect(ticks).toBeGreaterThan(20);
  });

  test("pipes of child processes flow while the GPU is waited for", async () => {
    await pipeSeconds();
    const free = await pipeSeconds();
    let done: () => void = () => {};
    const pending = waitForGpu(new Promise<void>((resolve) => (done = resolve)), true);
    await later(100);
    const waiting = await pipeSeconds();
    done();
    await pending;
    // A millisecond of sleep for each chunk of 64 KiB would take 1.6 s.
    expect(waiting).toBeLessThan(Math.max(1, 3 * free));
  });
});
