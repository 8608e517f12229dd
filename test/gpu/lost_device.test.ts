import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { DeviceLostError, GpuValidationError } from "../../src/errors.ts";
import { GpuContext } from "../../src/gpu/context.ts";
import { rowNormalize } from "../../src/kernels/row_normalize.ts";

const settleSeconds = 5;

/** What a promise comes to, or "pending" when it has not settled in time. */
async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("pending"), settleSeconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } catch (error) {
    return error;
  } finally {
    clearTimeout(timer);
  }
}

describe("a lost device", () => {
  /** Loses the device as a crash of its driver would: without GpuContext.destroy. */
  const lose = (gpu: GpuContext): void => gpu.device.destroy();

  test.each([
    [
      "while a read is pending",
      (gpu: GpuContext, buffer: GPUBuffer) => {
        const read = gpu.read(buffer, 1024);
        lose(gpu);
        return read;
      },
    ],
    [
      "before a read",
      async (gpu: GpuContext, buffer: GPUBuffer) => {
        lose(gpu);
        return gpu.read(buffer, 1024);
      },
    ],
    [
      "while several reads are pending",
      (gpu: GpuContext, buffer: GPUBuffer) => {
        const reads = Array.from({ length: 10 }, (_, index) => gpu.read(buffer, 16 + 4 * index));
        lose(gpu);
        return Promise.allSettled(reads).then((results) => {
          const reasons = results.map((result) => (result.status === "rejected" ? result.reason : "settled"));
          if (reasons.every((reason) => reason instanceof DeviceLostError)) throw reasons[0];
          return reasons;
        });
      },
    ],
    [
      "before a submission",
      async (gpu: GpuContext, buffer: GPUBuffer) => {
        lose(gpu);
        gpu.submit("clear", (recorder) => recorder.clear(buffer));
        return gpu.settle();
      },
    ],
    [
      "between a submission and its end",
      (gpu: GpuContext, buffer: GPUBuffer) => {
        gpu.submit("clear", (recorder) => recorder.clear(buffer));
        const settled = gpu.settle();
        lose(gpu);
        // Work that was done in time is no loss; what follows is.
        return settled.then(() => gpu.settle());
      },
    ],
    [
      "in the middle of a kernel",
      (gpu: GpuContext) => {
        const work = rowNormalize(gpu, new Float32Array(4096), 8);
        lose(gpu);
        return work;
      },
    ],
  ] as const)("%s: every promise settles with DeviceLostError", async (_, act) => {
    const gpu = await GpuContext.acquire();
    const buffer = gpu.upload("test", new Float32Array(1024));
    await gpu.settle();
    expect(await outcomeOf((async (): Promise<unknown> => await act(gpu, buffer))())).toBeInstanceOf(
      DeviceLostError,
    );
    await gpu.device.lost;
    expect(gpu.lost).toBeInstanceOf(DeviceLostError);
    for (const use of [
      () => gpu.buffer("test", 16),
      () => gpu.write(buffer, 0, new Float32Array(4)),
      () => gpu.submit("test", () => {}),
    ])
      expect(use).toThrow(DeviceLostError);
    gpu.destroy();
  });

  test("lost at a hundred moments, every read either gives its bytes or the loss", async () => {
    for (let moment = 0; moment < 100; moment++) {
      const gpu = await GpuContext.acquire();
      const buffer = gpu.upload("test", Float32Array.of(moment));
      const read = outcomeOf(gpu.readFloats(buffer, 1));
      for (let turn = 0; turn < moment % 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      lose(gpu);
      const outcome = await read;
      if (!(outcome instanceof DeviceLostError)) expect(outcome).toEqual(Float32Array.of(moment));
      gpu.destroy();
    }
  });
});

describe("what the device refuses", () => {
  test("a dispatch that binds a destroyed buffer comes back as GpuValidationError, once", async () => {
    const gpu = await GpuContext.acquire();
    const rows = gpu.upload("rows", new Float32Array(64));
    const norms = gpu.buffer("norms", 16);
    norms.destroy();
    const dispatch = {
      params: { row_count: 4, dim: 16 },
      bindings: { rows, norms },
      grid: [4, 1, 1],
    } as const;
    gpu.submit("invalid", (recorder) => recorder.dispatch("row_normalize", dispatch));
    await expect(gpu.settle()).rejects.toThrow(GpuValidationError);
    await gpu.settle();
    const good = gpu.buffer("norms", 16);
    gpu.submit("valid", (recorder) =>
      recorder.dispatch("row_normalize", { ...dispatch, bindings: { rows, norms: good } }),
    );
    expect(await gpu.readFloats(good, 4)).toEqual(new Float32Array(4));
    gpu.destroy();
  });

  test("an error outside any submission surfaces at the next read", async () => {
    const gpu = await GpuContext.acquire();
    const buffer = gpu.buffer("source", 16);
    gpu.device.queue.writeBuffer(buffer, 16, new Float32Array(4));
    await expect(gpu.read(buffer, 16).then(() => gpu.read(buffer, 16))).rejects.toThrow(GpuValidationError);
    gpu.destroy();
  });

  test("reads and writes past the end of a buffer are refused by name", async () => {
    const gpu = await GpuContext.acquire();
    const buffer = gpu.buffer("small", 16);
    await expect(gpu.read(buffer, 4096)).rejects.toThrow(
      "Cannot read bytes 0 to 4096 as the buffer clipsieve.small has 16",
    );
    await expect(gpu.read(buffer, 8, 12)).rejects.toThrow(RangeError);
    expect(() => gpu.write(buffer, 8, new Float32Array(3))).toThrow("Cannot write bytes 8 to 20");
    gpu.destroy();
  });

  test("a buffer of a size that the device does not allow is refused with the sizes", async () => {
    const gpu = await GpuContext.acquire();
    const limit = gpu.device.limits.maxBufferSize;
    expect(() => gpu.buffer("huge", limit + 4)).toThrow(`the device allows ${limit} bytes: `);
    for (const size of [limit + 4, Number.NaN, -1, 1.5])
      expect(() => gpu.buffer("odd", size)).toThrow(RangeError);
    gpu.destroy();
  });
});

describe("a process with a device", () => {
  const context = fileURLToPath(new URL("../../src/gpu/context.ts", import.meta.url));
  const start = `const { GpuContext } = await import(${JSON.stringify(context)});`;
  const run = async (runtime: string, work: string, flags: readonly string[] = []): Promise<unknown> => {
    const bin = fileURLToPath(new URL(`../../node_modules/.bin/${runtime}`, import.meta.url));
    const nodeFlags = runtime === "node" ? ["--no-warnings", "--input-type=module", ...flags] : [];
    const args = [...nodeFlags, "-e", `${start}\n${work}`];
    const { stdout } = await promisify(execFile)(bin, args, { timeout: 50_000 });
    return JSON.parse(stdout.trim().split("\n").at(-1)!);
  };

  test.each(["node", "bun"])(
    "opens and closes 20 devices without growth and ends by itself in %s",
    async (runtime) => {
      const grown = await run(
        runtime,
        `let before = 0;
        for (let cycle = 0; cycle < 20; cycle++) {
          const gpu = await GpuContext.acquire();
          const buffer = gpu.upload("cycle", new Float32Array(2 ** 20).fill(cycle));
          const [value] = await gpu.readFloats(buffer, 1);
          if (value !== cycle) throw new Error("wrong value");
          gpu.destroy();
          if (cycle === 4) before = process.memoryUsage().rss;
        }
        console.log(process.memoryUsage().rss - before);`,
      );
      // Twenty leaked devices with their buffers would take far more.
      expect(grown).toBeLessThan(120 * 2 ** 20);
    },
  );

  test("forgets 20 devices with work under way, and neither crashes nor stands still when they are collected", async () => {
    const closed = await run(
      "node",
      `const open = async () => {
        const gpu = await GpuContext.acquire();
        const buffer = gpu.upload("forgotten", new Float32Array(1024));
        void gpu.readFloats(buffer, 1).catch(() => {});
        void gpu.settle().catch(() => {});
        gpu.destroy();
      };
      let closed = 0;
      for (; closed < 20; closed++) {
        await open();
        for (let turn = 0; turn < 3; turn++) {
          gc();
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      console.log(closed);`,
      ["--expose-gc"],
    );
    expect(closed).toBe(20);
  });
});
