// Measures one kernel: warmed up, repeated, median and spread, and its result checked in the same run: a fast wrong answer
// is no result. Only the work on the device is timed; data is uploaded before. A row is plain data, one line of JSON.
import type { GpuContext } from "../src/gpu/context.ts";
import { BufferScope } from "../src/kernels/buffer_scope.ts";

export interface BenchOptions {
  /** Small sizes and few repetitions: a check that the benches work. */
  readonly quick: boolean;
}

export interface BenchRow {
  readonly name: string;
  /** "20000 x 512, k 1000". */
  readonly size: string;
  readonly adapter: string;
  /** Median seconds of ours, and the share by which the middle half of the runs differ. */
  readonly ours: number;
  readonly spread: number;
  /** Work done per second, and its unit: GFLOP/s or GB/s. */
  readonly rate: number;
  readonly unit: "GFLOP/s" | "GB/s";
  readonly peer: string | null;
  readonly peerVersion: string | null;
  /** Median seconds of the peer in the same run. */
  readonly peerTime: number | null;
  /** peerTime / ours: above 1, ours is faster. */
  readonly ratio: number | null;
  readonly correct: boolean;
}

export type Bench = (gpu: GpuContext, options: BenchOptions) => Promise<BenchRow[]>;

export interface Peer {
  readonly name: string;
  readonly version: string;
  run(): void | Promise<void>;
}

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
  readonly peer?: Peer;
}

/** Measures inside a scope whose buffers end with it. */
export async function measure(
  gpu: GpuContext,
  prepare: (scope: BufferScope) => Measurement | Promise<Measurement>,
): Promise<BenchRow> {
  return await BufferScope.run(gpu, async (scope) => {
    const measurement = await prepare(scope);
    const { name, size, quick, run, peer, flops, bytes = 0 } = measurement;
    const ours = await time(quick, async () => {
      await run();
      await gpu.settle();
    });
    const correct = await measurement.check();
    const theirs = peer === undefined ? null : await time(quick, async () => await peer.run());
    return {
      name,
      size,
      adapter: gpu.adapter.name,
      ours: ours.median,
      spread: ours.spread,
      rate: (flops ?? bytes) / ours.median / 1e9,
      unit: flops === undefined ? "GB/s" : "GFLOP/s",
      peer: peer?.name ?? null,
      peerVersion: peer?.version ?? null,
      peerTime: theirs?.median ?? null,
      ratio: theirs === null ? null : theirs.median / ours.median,
      correct,
    };
  });
}

/** Runs once to warm up, then at least 3 times and until half a second has passed. */
async function time(quick: boolean, work: () => Promise<void>): Promise<{ median: number; spread: number }> {
  await work();
  const seconds: number[] = [];
  const least = quick ? 3 : 5;
  const budget = quick ? 0 : 0.5;
  for (let total = 0; seconds.length < least || (total < budget && seconds.length < 200); ) {
    const started = performance.now();
    await work();
    const taken = (performance.now() - started) / 1000;
    seconds.push(taken);
    total += taken;
  }
  seconds.sort((a, b) => a - b);
  const at = (share: number): number => seconds[Math.floor(share * (seconds.length - 1))]!;
  return { median: at(0.5), spread: (at(0.75) - at(0.25)) / at(0.5) };
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
