// Rows and centroids that go wrong in different ways: nothing in common, clusters, the same rows over and over, all rows
// equal, and centroids that differ by little more than the rounding of f32.
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { randomNormals, seededRandom } from "./random.ts";

export const rowKinds = ["random", "clustered", "duplicated", "equal", "near-tie"] as const;
export type RowKind = (typeof rowKinds)[number];

export interface AssignProblem {
  /** f32, unit rows. */
  readonly rows: Float32Array;
  readonly centroids: Float32Array;
}

const unit = (count: number, dim: number, seed: number): Float32Array =>
  rowNormalize(randomNormals(count * dim, seed), dim).rows;

/** Rows near `centers`: each one of them and a little noise. */
export function rowsNear(centers: Float32Array, rowCount: number, dim: number, noise: number): Float32Array {
  const random = seededRandom(11);
  const rows = randomNormals(rowCount * dim, 12).map((value) => value * noise);
  for (let row = 0; row < rowCount; row++) {
    const center = Math.floor(random() * (centers.length / dim));
    for (let i = 0; i < dim; i++) rows[row * dim + i]! += centers[center * dim + i]!;
  }
  return rowNormalize(rows, dim).rows;
}

function repeated(values: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length }, (_, at) => values[at % values.length]!);
}

export function assignProblem(kind: RowKind, rowCount: number, k: number, dim: number): AssignProblem {
  switch (kind) {
    case "random":
      return { rows: unit(rowCount, dim, 1), centroids: unit(k, dim, 2).map((value) => value * 0.8) };
    case "clustered": {
      const centroids = unit(k, dim, 3);
      return { rows: rowsNear(centroids, rowCount, dim, 0.4 / Math.sqrt(dim)), centroids };
    }
    case "duplicated": {
      const few = unit(9, dim, 4);
      return { rows: repeated(few, rowCount * dim), centroids: repeated(few, k * dim) };
    }
    case "equal":
      return {
        rows: new Float32Array(rowCount * dim).fill(1 / Math.sqrt(dim)),
        centroids: new Float32Array(k * dim).fill(0.1),
      };
    case "near-tie": {
      const rows = unit(rowCount, dim, 5);
      const noise = randomNormals(k * dim, 6);
      return { rows, centroids: noise.map((value, at) => rows[at % dim]! + value * 1e-6) };
    }
  }
}
