// Small pictures of a frame: gray ones for looking at motion, RGB ones for finding cuts. Planes are scaled first and
// converted after, as ffmpeg's scaler does.

import type { FrameFormat } from "../../types.ts";
import type { ScannedFrame } from "../engine.ts";
import { LUMA_WEIGHTS, packRgb } from "../packed_rgb.ts";
import { PlaneResize, type ScaleFilter } from "./plane_resize.ts";

type Size = readonly [width: number, height: number];

/** Luma of full range at another size. */
export class GrayScaler {
  readonly #lumaBytes: number;
  readonly #resize: PlaneResize;
  readonly #isFull: boolean;

  constructor({ width, height, range }: FrameFormat, size: Size) {
    this.#lumaBytes = width * height;
    this.#resize = new PlaneResize([width, height], size, "area");
    this.#isFull = range === "full";
  }

  apply(data: Uint8Array): Uint8Array {
    const luma = this.#resize.apply(data.subarray(0, this.#lumaBytes));
    return Uint8Array.from(new Uint8ClampedArray(this.#isFull ? luma : luma.map(fullLuma)));
  }
}

/** Packed RGB of full range at another size. */
export class RgbScaler {
  readonly #geometry: FrameFormat;
  readonly #luma: PlaneResize;
  readonly #chroma: PlaneResize;
  readonly #filter: ScaleFilter;

  constructor(geometry: FrameFormat, size: Size, filter: ScaleFilter) {
    this.#filter = filter;
    const { width, height } = geometry;
    this.#geometry = geometry;
    this.#luma = new PlaneResize([width, height], size, filter);
    this.#chroma = new PlaneResize([Math.ceil(width / 2), Math.ceil(height / 2)], size, filter);
  }

  apply(data: Uint8Array): ScannedFrame["rgb"] {
    const { width, height, matrix, range } = this.#geometry;
    const [lumaBytes, chromaBytes] = [width * height, Math.ceil(width / 2) * Math.ceil(height / 2)];
    const luma = this.#luma.apply(data.subarray(0, lumaBytes));
    const blueness = this.#chroma.apply(data.subarray(lumaBytes, lumaBytes + chromaBytes));
    const redness = this.#chroma.apply(data.subarray(lumaBytes + chromaBytes));
    const isFull = range === "full";
    if (this.#filter === "nearest" && !isFull) return packRgb([...luma, ...blueness, ...redness], matrix);
    const [red, blue] = LUMA_WEIGHTS[matrix];
    const chromaScale = isFull ? 1 : 255 / 224;
    const rgb = new Uint8ClampedArray(3 * luma.length);
    for (let i = 0; i < luma.length; i++) {
      const y = isFull ? luma[i]! : fullLuma(luma[i]!);
      const u = (blueness[i]! - 128) * chromaScale;
      const v = (redness[i]! - 128) * chromaScale;
      rgb[3 * i] = y + 2 * (1 - red) * v;
      rgb[3 * i + 1] = y - (2 * (blue * (1 - blue) * u + red * (1 - red) * v)) / (1 - red - blue);
      rgb[3 * i + 2] = y + 2 * (1 - blue) * u;
    }
    return new Uint8Array(rgb.buffer);
  }
}

function fullLuma(limited: number): number {
  return ((limited - 16) * 255) / 219;
}
