// Frames for tests: seeded noise, flat colours, and smooth pictures whose features survive a resize.
import { pixelLayout, planeMap } from "../../src/pixel_layout.ts";
import type { FrameFormat, YuvFrame } from "../../src/types.ts";
import { seededRandom } from "./random.ts";

/** BT.601 and limited unless said otherwise. */
export type FrameShape = Pick<FrameFormat, "width" | "height"> & Partial<FrameFormat>;

/**
 * A frame whose components (y, u, v or r, g, b) come from a function of the position, each coordinate 0..1 at sample
 * centres. Values are codes of 8 bits, fractions kept where the format has more.
 */
export function makeFrame(
  shape: FrameShape,
  components: (x: number, y: number) => readonly [number, number, number],
): YuvFrame {
  const format: FrameFormat = { matrix: "bt601", range: "limited", ...shape };
  const { width, height, pixelFormat = "yuv420p" } = format;
  const layout = pixelLayout(pixelFormat)!;
  const map = planeMap(layout, width, height);
  const data = new Uint8Array(map.byteCount);
  [..."yuv", ..."rgb"].forEach((letter, index) => {
    const component = map.components.get(letter);
    if (component === undefined) return;
    const isChroma = "uv".includes(letter);
    const [columns, rows] = isChroma ? [map.chromaWidth, map.chromaHeight] : [width, height];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const value = components((column + 0.5) / columns, (row + 0.5) / rows)[index % 3]!;
        const code = Math.round(value * 2 ** (layout.bits - 8));
        const kept = Math.min(2 ** layout.bits - 1, Math.max(0, code)) * 2 ** layout.padBits;
        const at = component.offset + row * component.stride + column * component.step;
        for (let byte = 0; byte < map.bytesPerSample; byte++) {
          data[at * map.bytesPerSample + byte] = Math.floor(kept / 256 ** byte) % 256;
        }
      }
    }
  });
  return { ...format, data };
}

/** Every code random: out-of-range ones and clipping included. */
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
