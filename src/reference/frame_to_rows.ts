// Twin of frame_to_rows in plain loops and float64: whole-picture colour conversion, then a direct weighted sum per
// output column. It plans nothing: filters are evaluated where they are used.
import { invariant } from "../errors.ts";
import { type Component, pixelLayout, planeMap } from "../pixel_layout.ts";
import type { YuvFrame } from "../types.ts";

type Filter = "bilinear" | "bicubic";

/** RGB of the frames' rows at `outWidth` columns: 0..255, frames x 3 x height x outWidth. */
export function frameToRows(frames: readonly YuvFrame[], outWidth: number, filter: Filter): Float32Array {
  const rows: number[] = [];
  for (const frame of frames) {
    const rgb = frameToRgb(frame);
    for (let channel = 0; channel < 3; channel++) {
      for (let y = 0; y < frame.height; y++) {
        for (let x = 0; x < outWidth; x++) {
          const at = (k: number) => rgb[(channel * frame.height + y) * frame.width + k]!;
          rows.push(clip(resample(at, frame.width, outWidth, x, filter)));
        }
      }
    }
  }
  return Float32Array.from(rows);
}

/** Kr and Kb. */
const WEIGHTS = {
  bt601: [0.299, 0.114],
  bt709: [0.2126, 0.0722],
  bt2020: [0.2627, 0.0593],
  smpte240m: [0.212, 0.087],
  fcc: [0.3, 0.11],
} as const;

/** Planes R, G, B of a frame in float64, 0..255. */
export function frameToRgb(frame: YuvFrame): Float64Array {
  const { width, height, matrix, range, transfer, chromaSite, data, pixelFormat = "yuv420p" } = frame;
  const layout = pixelLayout(pixelFormat);
  invariant(layout !== undefined, `the layout of ${pixelFormat} is known`);
  const { model, bits, padBits, chromaShiftX, chromaShiftY } = layout;
  const { bytesPerSample, components, chromaWidth, chromaHeight } = planeMap(layout, width, height);
  const largest = 2 ** bits - 1;
  const none = { offset: 0, stride: 0, step: 0 };
  const [a, b, c] = [...(model === "rgb" ? "rgb" : "yuv")].map((letter) => components.get(letter) ?? none);
  /** The code of a component, 0..2^bits - 1. */
  const code = ({ offset, stride, step }: Component, x: number, y: number): number => {
    const at = (offset + y * stride + x * step) * bytesPerSample;
    return bytesPerSample === 1 ? data[at]! : (data[at]! + 256 * data[at + 1]!) / 2 ** padBits;
  };
  /** Y' as 0..1. */
  const luma = (x: number, y: number): number =>
    range === "limited" ? (code(a!, x, y) / 2 ** (bits - 8) - 16) / 219 : code(a!, x, y) / largest;
  /** Cb or Cr as -0.5..0.5: sample (i, j) lies at luma (i 2^shift, j 2^shift) + site. */
  const chroma = (component: Component, x: number, y: number): number => {
    const [siteX, siteY] = chromaSite ?? [0, (2 ** chromaShiftY - 1) / 2];
    const u = chromaShiftX === 0 ? x : (x - siteX) / 2 ** chromaShiftX;
    const v = chromaShiftY === 0 ? y : (y - siteY) / 2 ** chromaShiftY;
    const [left, top] = [Math.floor(u), Math.floor(v)];
    const sample = (i: number, j: number): number =>
      code(component, Math.min(Math.max(i, 0), chromaWidth - 1), Math.min(Math.max(j, 0), chromaHeight - 1));
    const above = sample(left, top) * (1 - (u - left)) + sample(left + 1, top) * (u - left);
    const below = sample(left, top + 1) * (1 - (u - left)) + sample(left + 1, top + 1) * (u - left);
    const value = above * (1 - (v - top)) + below * (v - top) - 2 ** (bits - 1);
    return range === "limited" ? value / 2 ** (bits - 8) / 224 : value / largest;
  };
  const [kr, kb] = WEIGHTS[matrix];
  const color = (x: number, y: number): number[] => {
    if (model === "rgb") return [a!, b!, c!].map((component) => code(component, x, y) / largest);
    const gray = luma(x, y);
    if (model === "gray") return [gray, gray, gray];
    const red = gray + 2 * (1 - kr) * chroma(c!, x, y);
    const blue = gray + 2 * (1 - kb) * chroma(b!, x, y);
    return [red, (gray - kr * red - kb * blue) / (1 - kr - kb), blue];
  };
  const rgb = new Float64Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const coded = color(x, y).map((value) => Math.min(1, Math.max(0, value)));
      const shown = transfer === "pq" || transfer === "hlg" ? toneMap(coded, transfer) : coded;
      shown.forEach((value, channel) => {
        rgb[(channel * height + y) * width + x] = 255 * value;
      });
    }
  }
  return rgb;
}

/** Codes 0..1 of PQ or HLG in BT.2020 to codes of SDR in BT.709 (docs/media.md). */
function toneMap(coded: readonly number[], transfer: "pq" | "hlg"): number[] {
  const [white, peak, knee] = [203, 1000 / 203, 0.3];
  let light: number[];
  if (transfer === "pq") {
    const [m1, m2, c1, c2, c3] = [2610 / 16384, (2523 / 4096) * 128, 3424 / 4096, 2413 / 128, 2392 / 128];
    light = coded.map((value) => {
      const power = value ** (1 / m2);
      return ((Math.max(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1) * 10_000) / white;
    });
  } else {
    const a = 0.17883277;
    const [b, c] = [1 - 4 * a, 0.5 - a * Math.log(4 * a)];
    const scene = coded.map((value) =>
      value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - c) / a) + b) / 12,
    );
    const luminance = 0.2627 * scene[0]! + 0.678 * scene[1]! + 0.0593 * scene[2]!;
    light = scene.map((value) => value * luminance ** 0.2 * peak);
  }
  const narrow = [
    [1.660491, -0.587641, -0.07285],
    [-0.12455, 1.1329, -0.008349],
    [-0.018151, -0.100579, 1.11873],
  ].map((row) => row.reduce((sum, factor, i) => sum + factor * light[i]!, 0));
  const brightest = Math.max(...narrow, 1e-6);
  let toned = brightest;
  if (brightest > knee) {
    const a = (-(knee ** 2) * (peak - 1)) / (knee ** 2 - 2 * knee + peak);
    const b = (knee ** 2 - 2 * knee * peak + peak) / (peak - 1);
    toned = (((b ** 2 + 2 * b * knee + knee ** 2) / (b - a)) * (brightest + a)) / (brightest + b);
  }
  return narrow.map((value) => Math.min(1, Math.max(0, (value * toned) / brightest)) ** (1 / 2.4));
}

/** One antialiased sample: `size` samples seen as `resized` of them, position `position`. */
export function resample(
  at: (index: number) => number,
  size: number,
  resized: number,
  position: number,
  filter: Filter,
): number {
  const scale = size / resized;
  const filterScale = Math.max(scale, 1);
  const support = (filter === "bilinear" ? 1 : 2) * filterScale;
  const center = (position + 0.5) * scale;
  const low = Math.max(0, Math.floor(center - support + 0.5));
  const high = Math.min(size, Math.floor(center + support + 0.5));
  let sum = 0;
  let total = 0;
  for (let k = low; k < high; k++) {
    const weight = kernel(Math.abs(k + 0.5 - center) / filterScale, filter);
    sum += weight * at(k);
    total += weight;
  }
  return sum / total;
}

/** Triangle, or Keys' cubic with a = -1/2. */
function kernel(x: number, filter: Filter): number {
  if (filter === "bilinear") return x < 1 ? 1 - x : 0;
  const a = -0.5;
  if (x < 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  if (x < 2) return a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a;
  return 0;
}

export function clip(value: number): number {
  return Math.min(255, Math.max(0, value));
}
