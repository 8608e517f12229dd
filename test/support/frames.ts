// Frames for tests: seeded noise, flat colours, and smooth pictures whose features survive a resize.
import type { ColorMatrix, ColorRange, YuvFrame } from "../../src/types.ts";
import { seededRandom } from "./random.ts";

export interface FrameShape {
  readonly width: number;
  readonly height: number;
  readonly matrix?: ColorMatrix;
  readonly range?: ColorRange;
}

/** A frame whose planes come from a function of the position, each coordinate 0..1 at sample centres. */
export function makeFrame(
  { width, height, matrix = "bt601", range = "limited" }: FrameShape,
  yuv: (x: number, y: number) => readonly [number, number, number],
): YuvFrame {
  const [chromaWidth, chromaHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const data = new Uint8Array(width * height + 2 * chromaWidth * chromaHeight);
  const fill = (offset: number, columns: number, rows: number, plane: 0 | 1 | 2) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const value = yuv((column + 0.5) / columns, (row + 0.5) / rows)[plane];
        data[offset + row * columns + column] = Math.min(255, Math.max(0, Math.round(value)));
      }
    }
  };
  fill(0, width, height, 0);
  fill(width * height, chromaWidth, chromaHeight, 1);
  fill(width * height + chromaWidth * chromaHeight, chromaWidth, chromaHeight, 2);
  return { width, height, matrix, range, data };
}

/** Every byte random: out-of-range codes and clipping included. */
export function noiseFrame(shape: FrameShape, seed: number): YuvFrame {
  const random = seededRandom(seed);
  return makeFrame(shape, () => [random() * 255.99, random() * 255.99, random() * 255.99]);
}

/** A smooth picture of a few waves, different for each seed; `zoom` above 1 crops it around its centre. */
export function wavesFrame(shape: FrameShape, seed: number, zoom = 1): YuvFrame {
  const random = seededRandom(seed);
  const waves = Array.from({ length: 12 }, (_, index) => ({
    plane: index % 3,
    fx: (random() - 0.5) * 6,
    fy: (random() - 0.5) * 6,
    phase: random() * 2 * Math.PI,
    strength: index % 3 === 0 ? 22 : 12,
  }));
  return makeFrame(shape, (x, y) => {
    const [u, v] = [(x - 0.5) / zoom, (y - 0.5) / zoom];
    const planes: [number, number, number] = [120, 128, 128];
    for (const { plane, fx, fy, phase, strength } of waves) {
      planes[plane as 0 | 1 | 2] += strength * Math.cos(2 * Math.PI * (fx * u + fy * v) + phase);
    }
    return planes;
  });
}
