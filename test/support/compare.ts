// Honest comparison of GPU results with their float64 twins: a named tolerance with a ceiling, and a small table of what
// differs when it fails.
import { expect } from "vitest";
import { outOfTolerance, type Tolerance, toleranceCeiling } from "./closeness.ts";

export type { Tolerance } from "./closeness.ts";

export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
): void {
  const { absolute, relative = 0 } = tolerance;
  expect(Math.max(absolute, relative), "tolerance ceiling").toBeLessThanOrEqual(toleranceCeiling);
  expect(outOfTolerance(actual, expected, tolerance), "values out of tolerance").toEqual([]);
}
