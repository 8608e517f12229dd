// How long kernels take on the device's own clock: a timestamp at the beginning and the end of each compute pass
// (WebGPU's timestamp-query). Waiting, uploads and copies are not in it; what users feel is the wall clock.
// The trap: a query set holds 4096 timestamps, so a long run takes several.

export interface KernelTime {
  readonly kernel: string;
  readonly dispatchCount: number;
  readonly seconds: number;
}

const passesPerSet = 2048;

export class KernelTimer {
  readonly #device: GPUDevice;
  readonly #sets: GPUQuerySet[] = [];
  readonly #kernels: string[] = [];

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** What the descriptor of the next pass needs. */
  timestampsOf(kernel: string): GPUComputePassTimestampWrites {
    const place = this.#kernels.push(kernel) - 1;
    const index = Math.floor(place / passesPerSet);
    this.#sets[index] ??= this.#device.createQuerySet({ type: "timestamp", count: 2 * passesPerSet });
    const first = 2 * (place % passesPerSet);
    return {
      querySet: this.#sets[index],
      beginningOfPassWriteIndex: first,
      endOfPassWriteIndex: first + 1,
    };
  }

  /** Nanoseconds of both ends of every pass so far, as u64, copied to a buffer that the caller destroys. */
  resolve(): GPUBuffer {
    const buffer = this.#device.createBuffer({
      label: "clipsieve.timestamps",
      size: Math.max(1, this.#sets.length) * passesPerSet * 16,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const encoder = this.#device.createCommandEncoder({ label: "clipsieve.timestamps" });
    for (const [index, set] of this.#sets.entries()) {
      const passCount = Math.min(passesPerSet, this.#kernels.length - index * passesPerSet);
      encoder.resolveQuerySet(set, 0, 2 * passCount, buffer, index * passesPerSet * 16);
    }
    this.#device.queue.submit([encoder.finish()]);
    return buffer;
  }

  /** Sums by kernel of what `resolve` copied, the longest first. */
  sum(timestamps: BigUint64Array): KernelTime[] {
    const sums = new Map<string, { dispatchCount: number; seconds: number }>();
    for (const [place, kernel] of this.#kernels.entries()) {
      const sum = sums.get(kernel) ?? { dispatchCount: 0, seconds: 0 };
      sum.dispatchCount++;
      sum.seconds += Number((timestamps[2 * place + 1] ?? 0n) - (timestamps[2 * place] ?? 0n)) / 1e9;
      sums.set(kernel, sum);
    }
    return [...sums].map(([kernel, sum]) => ({ kernel, ...sum })).sort((a, b) => b.seconds - a.seconds);
  }

  destroy(): void {
    for (const set of this.#sets) set.destroy();
  }
}
