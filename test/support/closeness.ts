// What lies out of tolerance, without a test framework, so that programs can ask as well as tests.

/** No kernel of ours needs more: a looser tolerance would hide a wrong result. */
export const toleranceCeiling = 1e-3;

export interface Tolerance {
  /** Allowed |actual - expected|. */
  readonly absolute: number;
  /** Allowed |actual - expected| / |expected|, added to the absolute part. */
  readonly relative?: number;
}

/** A line for each of the first 8 values that differ by more than they may, or for lengths that differ. */
export function outOfTolerance(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute, relative = 0 }: Tolerance,
): string[] {
  if (actual.length !== expected.length) return [`${actual.length} values, want ${expected.length}`];
  const wrong: string[] = [];
  for (let i = 0; i < expected.length && wrong.length < 8; i++) {
    const [got, want] = [actual[i]!, expected[i]!];
    const allowed = absolute + relative * Math.abs(want);
    if (!(Math.abs(got - want) <= allowed))
      wrong.push(`[${i}] got ${got}, want ${want}, off by ${Math.abs(got - want)} > ${allowed}`);
  }
  return wrong;
}
