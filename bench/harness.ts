// Measures one kernel: warmed up, repeated, median and spread, and its result checked in the same run: a fast wrong answer
// is no result. Only the work on the device is timed; data is uploaded before. A row is plain data, one object of JSON.
import type { GpuContext } from "../src/gpu/context.ts";
import type { KernelTime } from "../src/gpu/kernel_timer.ts";
import { BufferScope } from "../src/kernels/buffer_scope.ts";
import { timeSubmissions } from "./timing.ts";

export interface BenchOptions {
  /** Small sizes and few repetitions: a check that the benches work. */
  readonly quick: boolean;
}

export type RateUnit = "GFLOP/s" | "GB/s" | "rows/s" | "clips/s" | "frames/s";

/** One measurement beside one peer, or alone. Times are seconds. */
export interface BenchRow {
  readonly suite: string;
  readonly name: string;
  /** "20000 x 512, k 1000". */
  readonly size: string;
  /** Rows worked on, the n of the plot; null where nothing grows. */
  readonly rowCount: number | null;
  readonly adapter: string;
  /** "wall": what a caller waits for. "device": data on the device before and after. */
  readonly basis: "wall" | "device";
  /** Median of ours, and the share by which the middle half of the runs differ. */
  readonly ours: number;
  readonly spread: number;
  /** Sum over the kernels on the device's own clock; null where it has none. */
  readonly gpuTime: number | null;
  /** Work done per second, and its unit. */
  readonly rate: number | null;
  readonly unit: RateUnit | null;
  /** Share of what this device gives at most (ceilings.ts), by `gpuTime` where there is one. */
  readonly ceilingShare: number | null;
  readonly peer: string | null;
  readonly peerVersion: string | null;
  /** Median of the peer in the same run. */
  readonly peerTime: number | null;
  /** peerTime / ours: above 1, ours is faster. */
  readonly ratio: number | null;
  /** Whether ours agrees with the float64 twin, or with what was planted. */
  readonly correct: boolean;
  /** Whether the peer came to the same result; null where it gives none to compare. */
  readonly peerAgrees: boolean | null;
  /** What else is worth knowing: objectives, shares of kernels, counts. */
  readonly details: Readonly<Record<string, number | string>>;
}

export type Bench = (gpu: GpuContext, options: BenchOptions) => Promise<BenchRow[]>;

export interface Measurement {
  readonly name: string;
  readonly size: string;
  readonly quick: boolean;
  /** Floating point operations of one run. */
  readonly flops?: number;
  /** Bytes that one run reads and writes, where memory is what limits it. */
  readonly bytes?: number;
  /** Submits the work once. */
  readonly run: () => void | Promise<void>;
  /** Compares the result with the float64 twin, on a sample where the whole takes too long. */
  readonly check: () => boolean | Promise<boolean>;
}

/** Measures inside a scope whose buffers end with it. */
export async function measure(
  gpu: GpuContext,
  prepare: (scope: BufferScope) => Measurement | Promise<Measurement>,
): Promise<BenchRow> {
  return await BufferScope.run(gpu, async (scope) => {
    const measurement = await prepare(scope);
    const { name, size, quick, run, flops, bytes } = measurement;
    const work = async (): Promise<void> => {
      await run();
      await gpu.settle();
    };
    const ours = await timeSubmissions(quick, run, () => gpu.settle());
    const gpuTime = await deviceSeconds(gpu, work);
    const correct = await measurement.check();
    return benchRow({
      suite: "kernels",
      name,
      size,
      adapter: gpu.adapter.name,
      basis: "device",
      ours: ours.median,
      spread: ours.spread,
      gpuTime,
      ...rateOf({ flops, bytes }, ours.median),
      correct,
    });
  });
}

/** Seconds of all kernels of the work on the device's clock, or null. */
/** Seconds of all kernels on the device's clock; null where it has none. */
export async function deviceSeconds(gpu: GpuContext, work: () => Promise<unknown>): Promise<number | null> {
  const { kernels } = await gpu.timed(work);
  return kernels && kernelSeconds(kernels);
}

export function kernelSeconds(kernels: readonly KernelTime[]): number {
  return kernels.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** What share of them each kernel has, for the details of a row. */
export function kernelShares(kernels: readonly KernelTime[] | null): Record<string, number> {
  const total = kernelSeconds(kernels ?? []);
  return Object.fromEntries(
    (kernels ?? []).map(({ kernel, seconds }) => [`share of ${kernel}`, seconds / total]),
  );
}

export function rateOf(
  { flops, bytes }: { readonly flops?: number | undefined; readonly bytes?: number | undefined },
  seconds: number,
): Pick<BenchRow, "rate" | "unit"> {
  if (flops !== undefined) return { rate: flops / seconds / 1e9, unit: "GFLOP/s" };
  if (bytes !== undefined) return { rate: bytes / seconds / 1e9, unit: "GB/s" };
  return { rate: null, unit: null };
}

type Needed = "suite" | "name" | "size" | "adapter" | "ours" | "correct";

/** A row with what was left out filled in; `ratio` follows from both times. */
export function benchRow(row: Pick<BenchRow, Needed> & Partial<BenchRow>): BenchRow {
  const { ours, peerTime = null } = row;
  return {
    rowCount: null,
    basis: "wall",
    spread: 0,
    gpuTime: null,
    rate: null,
    unit: null,
    ceilingShare: null,
    peer: null,
    peerVersion: null,
    peerAgrees: null,
    details: {},
    ...row,
    peerTime,
    ratio: peerTime === null ? null : peerTime / ours,
  };
}

/** Whether every value lies within `absolute` + `relative` x |expected| of what is expected. */
export function closeTo(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  absolute: number,
  relative = 0,
): boolean {
  if (actual.length !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) {
    if (!(Math.abs(actual[i]! - expected[i]!) <= absolute + relative * Math.abs(expected[i]!))) return false;
  }
  return true;
}

/** `count` values in [-1, 1), seeded; fast enough for millions. */
export function benchValues(count: number, seed: number): Float32Array {
  const values = new Float32Array(count);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < count; i++) {
    // xorshift32 (Marsaglia, 2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = (state >>> 0) / 2 ** 31 - 1;
  }
  return values;
}
