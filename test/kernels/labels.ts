// Labels as the kernels that sort by them may meet them: random, all equal, or running through all clusters.
import { seededRandom } from "../support/random.ts";

export function randomLabels(count: number, k: number, seed: number): Uint32Array {
  const random = seededRandom(seed);
  return Uint32Array.from({ length: count }, () => random() * k);
}

/** Labels of the time before plus 1: one row in `step` had another, and one in 11 of those none. */
export function labelsBefore(labels: Uint32Array, k: number, step: number): Uint32Array {
  return labels.map((label, row) => {
    if (row % step > 0) return label + 1;
    return row % 11 === 0 ? 0 : ((label + 1 + (row % 5)) % k) + 1;
  });
}

/** Rows, clusters, and their labels. */
export const labelCases: readonly (readonly [
  rowCount: number,
  k: number,
  kind: string,
  labels: Uint32Array,
])[] = (
  [
    [0, 3],
    [1, 1],
    [5, 2000],
    [1023, 7],
    [1024, 1],
    [1025, 1025],
    [3000, 2500],
    [9 * 1024 + 5, 70],
  ] as const
).flatMap(([rowCount, k]) => [
  [rowCount, k, "random", randomLabels(rowCount, k, rowCount + k)] as const,
  [rowCount, k, "equal", new Uint32Array(rowCount).fill(k - 1)] as const,
  [rowCount, k, "running", Uint32Array.from({ length: rowCount }, (_, row) => row % k)] as const,
]);
