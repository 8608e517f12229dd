// Full-size planes of YUV to packed RGB in whole numbers, each product rounded down: the arithmetic of ffmpeg's converter on
// x86. In dark scenes, where a step of one is much saturation, what is decided on these pixels depends on it; ffmpeg itself
// rounds in another way on every kind of processor, so it is done here, and is the same everywhere.
import type { ColorMatrix } from "../types.ts";

/** Red and blue weights of luma. */
export const LUMA_WEIGHTS: Readonly<Record<ColorMatrix, readonly [red: number, blue: number]>> = {
  bt601: [0.299, 0.114],
  bt709: [0.2126, 0.0722],
  bt2020: [0.2627, 0.0593],
  smpte240m: [0.212, 0.087],
  fcc: [0.3, 0.11],
};

/** @param planes Y, U and V of the same size, limited range, one after the other. */
export function packRgb(planes: ArrayLike<number>, matrix: ColorMatrix): Uint8Array {
  const pixelCount = planes.length / 3;
  const [red, blue] = LUMA_WEIGHTS[matrix];
  const green = 1 - red - blue;
  // Samples in eighths times coefficients in parts of 8192: a shift by 16 leaves whole steps.
  const scaled = (coefficient: number): number => Math.round(coefficient * 8192);
  const chroma = (2 * 255) / 224;
  const y = scaled(255 / 219);
  const redV = scaled(chroma * (1 - red));
  const greenU = scaled((-chroma * blue * (1 - blue)) / green);
  const greenV = scaled((-chroma * red * (1 - red)) / green);
  const blueU = scaled(chroma * (1 - blue));
  const rgb = new Uint8ClampedArray(3 * pixelCount);
  for (let i = 0; i < pixelCount; i++) {
    const luma = ((planes[i]! - 16) * 8 * y) >> 16;
    const u = (planes[pixelCount + i]! - 128) * 8;
    const v = (planes[2 * pixelCount + i]! - 128) * 8;
    rgb[3 * i] = luma + ((v * redV) >> 16);
    rgb[3 * i + 1] = luma + ((u * greenU) >> 16) + ((v * greenV) >> 16);
    rgb[3 * i + 2] = luma + ((u * blueU) >> 16);
  }
  return new Uint8Array(rgb.buffer);
}
