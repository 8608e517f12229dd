// Honest comparison of GPU results with their float64 twins: a named tolerance with a ceiling, and a small table of what
// differs when it fails.
import { expect } from "vitest";

/** No kernel of ours needs more: a looser tolerance would hide a wrong result. */
const toleranceCeiling = 1e-3;

export interface Tolerance {
  /** Allowed |actual - expected|. */
  readonly absolute: number;
  /** Allowed |actual - expected| / |expected|, added to the absolute part. */
  readonly relative?: number;
}

export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
): void {
  const { absolute, relative = 0 } = tolerance;
  expect(Math.max(absolute, relative), "tolerance ceiling").toBeLessThanOrEqual(toleranceCeiling);
  expect(actual.length, "length").toBe(expected.length);
  const wrong: string[] = [];
  for (let i = 0; i < expected.length && wrong.length < 8; i++) {
    const [got, want] = [actual[i]!, expected[i]!];
    const allowed = absolute + relative * Math.abs(want);
    if (!(Math.abs(got - want) <= allowed))
      wrong.push(`[${i}] got ${got}, want ${want}, off by ${Math.abs(got - want)} > ${allowed}`);
  }
  expect(wrong, "values out of tolerance").toEqual([]);
}
