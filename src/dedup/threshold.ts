// Thresholds as f32: similarities are f32, the reference compares them in float64 with 1 - eps.
import { UsageError } from "../errors.ts";

/** The smallest f32 that, as float64, is at least `value`: comparing f32 with it is comparing float64 with `value`. */
export function floatFrom(value: number): number {
  const nearest = Math.fround(value);
  if (nearest >= value) return nearest;
  const bits = new Int32Array(Float32Array.of(nearest).buffer);
  bits[0]! += nearest >= 0 ? 1 : -1;
  return new Float32Array(bits.buffer)[0]!;
}

/** The smallest f32 similarity of duplicates, 1 - eps or the next above it. */
export function thresholdOf(eps: number): number {
  return floatFrom(1 - eps);
}

/** A threshold of similarities as f32; throws UsageError unless it is above 0 and at most 1. */
export function requireThreshold(threshold: number): number {
  if (threshold > 0 && threshold <= 1) return floatFrom(threshold);
  throw new UsageError(`Cannot look for pairs as the threshold must be above 0 and at most 1: ${threshold}`);
}
