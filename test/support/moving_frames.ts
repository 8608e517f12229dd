// Pairs of frames whose motion is known: a picture of waves, which has a value between its pixels too.
import { seededRandom } from "./random.ts";

export interface MovingPair {
  /** Pixels that the content moves from the earlier to the later frame. */
  readonly x: number;
  readonly y: number;
}

export interface MovingOptions {
  /** Levels of grey of evenly spread noise, on each side, another in each frame. Default 0. */
  readonly noise?: number;
  /** Value of the picture at a place; default: waves of 5 to 30 pixels. */
  readonly picture?: (x: number, y: number) => number;
  /** Added to all of the later frame. Default 0. */
  readonly brighter?: number;
}

/** Frames one after the other, one value of 0..255 for each pixel, the earlier of each pair first. */
export function movingFrames(
  width: number,
  height: number,
  pairs: readonly MovingPair[],
  { noise = 0, picture = waves, brighter = 0 }: MovingOptions = {},
): Uint32Array {
  const random = seededRandom(width + 7 * height);
  const frames = new Uint32Array(2 * pairs.length * width * height);
  for (let i = 0; i < frames.length; i++) {
    const frame = Math.floor(i / (width * height));
    const later = frame % 2;
    const { x, y } = pairs[frame >> 1]!;
    const value = picture((i % width) - later * x, (Math.floor(i / width) % height) - later * y);
    const level = value + later * brighter + (2 * random() - 1) * noise;
    frames[i] = Math.min(Math.max(Math.round(level), 0), 255);
  }
  return frames;
}

const random = seededRandom(5);
const components = Array.from({ length: 12 }, () => {
  const [angle, length] = [random() * 2 * Math.PI, 5 + 25 * random()];
  const frequency = (2 * Math.PI) / length;
  return { x: Math.cos(angle) * frequency, y: Math.sin(angle) * frequency, phase: random() * 7 };
});

export function waves(x: number, y: number): number {
  return components.reduce((sum, wave) => sum + 12 * Math.sin(wave.x * x + wave.y * y + wave.phase), 128);
}
