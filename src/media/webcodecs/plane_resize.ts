// Brings a plane of a frame to a small size with the filters that ffmpeg's scaler has: area (box), bilinear (triangle) and
// bicubic, widened by the ratio when the size shrinks, so that every sample counts; nearest takes single ones. Separable: rows first, then columns.
// Pixel centres lie at halves, edges repeat. Results differ from ffmpeg's by rounding (it works in 14 bits).

export type ScaleFilter = "area" | "bilinear" | "bicubic" | "nearest";

/** For each output position, where its inputs begin and what each weighs (sum 1). */
interface Taps {
  readonly first: Int32Array;
  readonly count: number;
  /** `count` for each output position. */
  readonly weights: Float32Array;
}

/** One plane, tightly packed, to another size; values stay in 0..255. */
export class PlaneResize {
  readonly #width: number;
  readonly #height: number;
  readonly #outWidth: number;
  readonly #outHeight: number;
  readonly #across: Taps;
  readonly #down: Taps;
  readonly #rows: Float32Array;

  constructor(
    [width, height]: readonly [number, number],
    [outWidth, outHeight]: readonly [number, number],
    filter: ScaleFilter,
  ) {
    this.#width = width;
    this.#height = height;
    this.#outWidth = outWidth;
    this.#outHeight = outHeight;
    this.#across = taps(width, outWidth, filter);
    this.#down = taps(height, outHeight, filter);
    this.#rows = new Float32Array(outWidth * height);
  }

  /** f32, outWidth x outHeight. */
  apply(plane: Uint8Array): Float32Array {
    const out = new Float32Array(this.#outWidth * this.#outHeight);
    filterAlong(plane, this.#rows, this.#across, {
      lines: this.#height,
      ...{ length: this.#width, outLength: this.#outWidth, step: 1 },
      ...{ lineStep: this.#width, outLineStep: this.#outWidth },
    });
    filterAlong(this.#rows, out, this.#down, {
      lines: this.#outWidth,
      ...{ length: this.#height, outLength: this.#outHeight, step: this.#outWidth },
      ...{ lineStep: 1, outLineStep: 1 },
    });
    return out;
  }
}

interface Lines {
  readonly lines: number;
  readonly length: number;
  readonly outLength: number;
  /** From one sample of a line to the next; the same in and out. */
  readonly step: number;
  readonly lineStep: number;
  readonly outLineStep: number;
}

function filterAlong(
  source: ArrayLike<number>,
  target: Float32Array,
  { first, count, weights }: Taps,
  { lines, length, outLength, step, lineStep, outLineStep }: Lines,
): void {
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < outLength; i++) {
      let sum = 0;
      for (let tap = 0; tap < count; tap++) {
        const at = Math.min(Math.max(first[i]! + tap, 0), length - 1);
        sum += weights[i * count + tap]! * source[line * lineStep + at * step]!;
      }
      target[line * outLineStep + i * step] = sum;
    }
  }
}

function taps(length: number, outLength: number, filter: ScaleFilter): Taps {
  const ratio = length / outLength;
  if (filter === "nearest") {
    const first = Int32Array.from({ length: outLength }, (_, i) => Math.floor((i + 0.5) * ratio));
    return { first, count: 1, weights: new Float32Array(outLength).fill(1) };
  }
  const stretch = Math.max(ratio, 1);
  const reach = (filter === "area" ? 0.5 : filter === "bilinear" ? 1 : 2) * stretch;
  const count = Math.ceil(2 * reach) + 1;
  const first = new Int32Array(outLength);
  const weights = new Float32Array(outLength * count);
  for (let i = 0; i < outLength; i++) {
    const centre = (i + 0.5) * ratio;
    first[i] = Math.floor(centre - reach);
    const own = weights.subarray(i * count, (i + 1) * count);
    for (let tap = 0; tap < count; tap++) {
      const sample = first[i]! + tap;
      own[tap] =
        filter === "area"
          ? overlap(sample, centre - reach, centre + reach)
          : kernel((sample + 0.5 - centre) / stretch, filter);
    }
    const sum = own.reduce((total, weight) => total + weight, 0);
    for (let tap = 0; tap < count; tap++) own[tap] = own[tap]! / sum;
  }
  return { first, count, weights };
}

/** How much of the sample [at, at + 1) lies within [from, to). */
function overlap(at: number, from: number, to: number): number {
  return Math.max(0, Math.min(at + 1, to) - Math.max(at, from));
}

/** Bicubic with B = 0 and C = 0.6, ffmpeg's own choice. */
function kernel(at: number, filter: "bilinear" | "bicubic"): number {
  const x = Math.abs(at);
  if (filter === "bilinear") return Math.max(0, 1 - x);
  const c = 0.6;
  if (x < 1) return ((2 - c) * x - (3 - c)) * x * x + 1;
  return x < 2 ? -c * (((x - 5) * x + 8) * x - 4) : 0;
}
