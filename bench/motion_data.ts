// Frames for the benches of block matching: a picture of random blobs that moves by (3, -2) from frame to frame.
import { counterRandom } from "../src/dedup/random.ts";

/** One value of 0..255 for each pixel, frame after frame. */
export function benchFrames(frameCount: number, width: number, height: number): Uint32Array {
  const random = (wave: number, value: number): number => counterRandom(1, value, wave);
  const waves = Array.from(
    { length: 8 },
    (_, wave) => [random(wave, 0) - 0.5, random(wave, 1) - 0.5, random(wave, 2) * 6] as const,
  );
  const frames = new Uint32Array(frameCount * width * height);
  for (let i = 0; i < frames.length; i++) {
    const frame = Math.floor(i / (width * height));
    const [x, y] = [(i % width) - 3 * frame, (Math.floor(i / width) % height) + 2 * frame];
    const level = waves.reduce((sum, [fx, fy, phase]) => sum + 14 * Math.sin(fx * x + fy * y + phase), 128);
    frames[i] = Math.round(level);
  }
  return frames;
}
