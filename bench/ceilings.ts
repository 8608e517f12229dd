// What this device gives at most, measured in the same run: f32 multiply-adds that never leave registers, and a copy. A kernel's
// rate is shown as a share of them. Tensor cores are no part: a kernel that uses them may show more than 100 %.
import type { GpuContext } from "../src/gpu/context.ts";
import { BufferScope } from "../src/kernels/buffer_scope.ts";
import { BenchShader } from "./bench_shader.ts";
import { timeSubmissions } from "./timing.ts";

export interface Ceilings {
  readonly gigaflopsPerSecond: number;
  /** Bytes read and bytes written, both counted. */
  readonly gigabytesPerSecond: number;
}

export async function measureCeilings(gpu: GpuContext, quick: boolean): Promise<Ceilings> {
  return await BufferScope.run(gpu, async (scope) => {
    const software = gpu.adapter.software;
    const groups = software ? 256 : 8192;
    const turns = quick ? 64 : software ? 2048 : 4096;
    const fma = new BenchShader(gpu, "fma_ceiling");
    const results = scope.buffer("ceilings.results", groups * 64 * 16);
    const settle = (): Promise<void> => gpu.settle();
    const arithmetic = await timeSubmissions(
      quick,
      () => fma.submit({ params: { turns, factor: 0.999 }, buffers: [results], grid: [groups, 1] }),
      settle,
    );
    const byteLength = Math.min(gpu.maxBindingBytes, quick ? 2 ** 22 : software ? 2 ** 26 : 2 ** 30);
    const count = Math.floor(byteLength / 16);
    const copy = new BenchShader(gpu, "copy_ceiling");
    const [source, target] = [
      scope.buffer("ceilings.from", count * 16),
      scope.buffer("ceilings.to", count * 16),
    ];
    const width = Math.min(Math.ceil(count / 256), 32_768);
    const grid = [width, Math.ceil(count / 256 / width)] as const;
    const memory = await timeSubmissions(
      quick,
      () => copy.submit({ params: { count }, buffers: [source, target], grid }),
      settle,
    );
    return {
      gigaflopsPerSecond: (groups * 64 * turns * 16 * 4 * 2) / arithmetic.fastest / 1e9,
      gigabytesPerSecond: (2 * count * 16) / memory.fastest / 1e9,
    };
  });
}
