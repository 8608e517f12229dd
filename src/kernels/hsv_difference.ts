// Kernel hsv_difference: how much frames differ from the ones before them in hue, saturation and value. A video streams
// through a comparer batch by batch; the last frame of a batch is kept, to go before the next.
import { invariant } from "../errors.ts";
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";

export interface HsvDifferenceInputs {
  /** pairCount + 1 frames of packed 8-bit RGB, each padded to `hsvFrameBytes`. */
  readonly frames: GPUBuffer;
  /** `hsvDivisors()` */
  readonly divisors: GPUBuffer;
  /** u32, 3 x pairCount; receives sums of differences in hue, saturation and value. */
  readonly sums: GPUBuffer;
  readonly pairCount: number;
  readonly pixelCount: number;
}

/** Adds the dispatch to a submission. */
export function recordHsvDifference(
  recorder: Recorder,
  { frames, divisors, sums, pairCount, pixelCount }: HsvDifferenceInputs,
): void {
  if (pairCount === 0) return;
  recorder.dispatch("hsv_difference", {
    params: { pair_count: pairCount, group_count: divideUp(pixelCount, 4) },
    bindings: { frames, divisors, sums },
    grid: foldGrid(pairCount),
  });
}

/** Bytes that a frame takes in the kernel's buffer: whole groups of four pixels. */
export function hsvFrameBytes(pixelCount: number): number {
  return 12 * divideUp(pixelCount, 4);
}

/** OpenCV's tables for 8-bit HSV: quotients on a scale of 4096. */
export function hsvDivisors(): Int32Array {
  const divisors = new Int32Array(512);
  for (let i = 1; i < 256; i++) {
    divisors[i] = Math.round((255 * 4096) / i);
    divisors[256 + i] = Math.round((180 * 4096) / (6 * i));
  }
  return divisors;
}

/** Compares the frames of one video, in order. */
export class HsvComparer {
  /** Frames of one call at most. */
  readonly capacity: number;
  readonly #gpu: GpuContext;
  readonly #pixelCount: number;
  readonly #frames: GPUBuffer;
  readonly #divisors: GPUBuffer;
  readonly #sums: GPUBuffer;
  #last: Uint8Array | undefined;

  constructor(gpu: GpuContext, pixelCount: number, capacity: number) {
    this.capacity = capacity;
    this.#gpu = gpu;
    this.#pixelCount = pixelCount;
    this.#frames = gpu.buffer("hsv_difference.frames", (capacity + 1) * hsvFrameBytes(pixelCount));
    this.#divisors = gpu.upload("hsv_difference.divisors", hsvDivisors());
    this.#sums = gpu.buffer("hsv_difference.sums", 12 * capacity);
  }

  /**
   * Sums of differences for each frame; the very first of the video has nothing before it, and zeros. One call at a time.
   *
   * @param frames packed 8-bit RGB, `pixelCount` pixels each.
   * @returns 3 x frames: hue, saturation, value.
   */
  async compare(frames: readonly Uint8Array[]): Promise<Uint32Array> {
    invariant(frames.length <= this.capacity, "a batch fits the comparer");
    const all = this.#last === undefined ? frames : [this.#last, ...frames];
    this.#last = all.at(-1);
    const pairCount = Math.max(0, all.length - 1);
    const sums = new Uint32Array(3 * frames.length);
    if (pairCount === 0) return sums;
    this.#upload(all);
    this.#gpu.submit("hsv_difference", (recorder) =>
      recordHsvDifference(recorder, {
        frames: this.#frames,
        divisors: this.#divisors,
        sums: this.#sums,
        pairCount,
        pixelCount: this.#pixelCount,
      }),
    );
    sums.set(await this.#gpu.readUints(this.#sums, 3 * pairCount), sums.length - 3 * pairCount);
    return sums;
  }

  destroy(): void {
    for (const buffer of [this.#frames, this.#divisors, this.#sums]) this.#gpu.free(buffer);
  }

  #upload(frames: readonly Uint8Array[]): void {
    const frameBytes = hsvFrameBytes(this.#pixelCount);
    const bytes = new Uint8Array(frames.length * frameBytes);
    frames.forEach((frame, index) => {
      bytes.set(frame, index * frameBytes);
    });
    this.#gpu.write(this.#frames, 0, bytes);
  }
}

/**
 * Sums of differences between consecutive frames, on plain arrays.
 *
 * @param frames packed 8-bit RGB frames of one size.
 * @returns 3 for each frame after the first: hue, saturation, value.
 */
export async function hsvDifference(gpu: GpuContext, frames: readonly Uint8Array[]): Promise<Uint32Array> {
  const byteCount = frames[0]?.length ?? 0;
  const odd = frames.find((frame) => frame.length !== byteCount);
  if (odd !== undefined || byteCount % 3 !== 0) {
    throw new RangeError(
      `Cannot compare frames as they must be packed RGB of one size: ${byteCount} and ${(odd ?? frames[0])?.length} bytes`,
    );
  }
  if (frames.length < 2 || byteCount === 0) return new Uint32Array(3 * Math.max(0, frames.length - 1));
  const comparer = new HsvComparer(gpu, byteCount / 3, frames.length);
  try {
    return (await comparer.compare(frames)).subarray(3);
  } finally {
    comparer.destroy();
  }
}
