// How the checks of a GPU machine say what is wrong: they throw. No test framework, since such a machine has none.
import type { GpuContext } from "../../src/gpu/context.ts";
import { outOfTolerance, type Tolerance } from "../support/closeness.ts";

export interface Check {
  readonly name: string;
  /** Throws where results differ; may return a word on what it met. */
  readonly run: (gpu: GpuContext) => Promise<string | undefined>;
}

/** What the sizes of a check depend on. */
export interface Extent {
  /** Small sizes alone. */
  readonly quick: boolean;
  /** Whether the variant under test takes rows of `dim` values. */
  takes(dim: number): boolean;
}

export function requireThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

export function requireClose(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
): void {
  const wrong = outOfTolerance(actual, expected, tolerance);
  if (wrong.length > 0) throw new Error(`${what}: ${wrong.join("; ")}`);
}

/** Equal values, one by one. */
export function requireSame(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  requireClose(what, actual, expected, { absolute: 0 });
}
