// Twin of frame_to_rows in plain loops and float64: whole-picture colour conversion, then a direct weighted sum per
// output column. It plans nothing: filters are evaluated where they are used.
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

/** Planes R, G, B of a frame in float64, 0..255. */
export function frameToRgb({ width, height, matrix, range, data }: YuvFrame): Float64Array {
  const [kr, kb] = matrix === "bt601" ? [0.299, 0.114] : [0.2126, 0.0722];
  const chromaWidth = Math.ceil(width / 2);
  const chromaHeight = Math.ceil(height / 2);
  const chroma = (plane: number, x: number, y: number): number => {
    // Chroma sample (i, j) lies at luma (2i, 2j + 1/2).
    const [u, v] = [x / 2, (y - 0.5) / 2];
    const [left, top] = [Math.floor(u), Math.floor(v)];
    const sample = (i: number, j: number): number => {
      const column = Math.min(Math.max(i, 0), chromaWidth - 1);
      const row = Math.min(Math.max(j, 0), chromaHeight - 1);
      return data[width * height + (plane * chromaHeight + row) * chromaWidth + column]!;
    };
    const above = sample(left, top) * (1 - (u - left)) + sample(left + 1, top) * (u - left);
    const below = sample(left, top + 1) * (1 - (u - left)) + sample(left + 1, top + 1) * (u - left);
    const value = above * (1 - (v - top)) + below * (v - top) - 128;
    return range === "limited" ? (value * 255) / 224 : value;
  };
  const rgb = new Float64Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const code = data[y * width + x]!;
      const luma = range === "limited" ? ((code - 16) * 255) / 219 : code;
      const red = luma + 2 * (1 - kr) * chroma(1, x, y);
      const blue = luma + 2 * (1 - kb) * chroma(0, x, y);
      const green = (luma - kr * red - kb * blue) / (1 - kr - kb);
      [red, green, blue].forEach((value, channel) => {
        rgb[(channel * height + y) * width + x] = clip(value);
      });
    }
  }
  return rgb;
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
