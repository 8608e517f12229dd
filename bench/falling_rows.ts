// Unit rows as encoders give them and mixtures of random directions do not: variance falls off as 1 / i over the directions
// of a turned space (64 of 512 hold 70 % of it), around centers that fall off alike. Seeded.
import { benchValues } from "./harness.ts";

/** f32, rowCount x dim, around `centerCount` centers; `noise` is the deviation from a center over that of the centers. */
export function fallingRows(rowCount: number, dim: number, centerCount: number, noise: number): Float32Array {
  const normals = nearNormals(65_536);
  const centers = benchValues(centerCount, 5).map((_, center) => hash(center, 1));
  const mirrors = [1, 2, 3].map((seed) => unit(benchValues(dim, seed)));
  const scales = Float32Array.from({ length: dim }, (_, i) => 1 / Math.sqrt(1 + i));
  const rows = new Float32Array(rowCount * dim);
  for (let row = 0; row < rowCount; row++) {
    const own = hash(row, 2);
    const center = centers[hash(row, 3) % centerCount]!;
    const values = rows.subarray(row * dim, (row + 1) * dim);
    for (let i = 0; i < dim; i++) {
      const [shared, added] = [normals[hash(center, i) & 0xffff]!, normals[hash(own, i) & 0xffff]!];
      values[i] = (shared + noise * added) * scales[i]!;
    }
    for (const mirror of mirrors) reflect(values, mirror);
    unit(values);
  }
  return rows;
}

/** f32, half of each row's squared length. */
export function halfNormsOf(rows: Float32Array, dim: number): Float32Array {
  return Float32Array.from({ length: rows.length / dim }, (_, row) => {
    let square = 0;
    for (let i = 0; i < dim; i++) square += rows[row * dim + i]! ** 2;
    return square / 2;
  });
}

/** lowbias32 (Wellons, 2018) of a pair. */
function hash(value: number, salt: number): number {
  let mixed = (value + Math.imul(salt, 0x9e3779b9)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Sums of four uniform values, scaled to deviation 1. */
function nearNormals(count: number): Float32Array {
  const values = benchValues(count * 4, 9);
  return Float32Array.from({ length: count }, (_, i) => {
    const sum = values[4 * i]! + values[4 * i + 1]! + values[4 * i + 2]! + values[4 * i + 3]!;
    return sum * Math.sqrt(0.75);
  });
}

function unit(values: Float32Array): Float32Array {
  let square = 0;
  for (const value of values) square += value * value;
  const scale = 1 / Math.sqrt(square);
  for (let i = 0; i < values.length; i++) values[i]! *= scale;
  return values;
}

function reflect(values: Float32Array, mirror: Float32Array): void {
  let product = 0;
  for (let i = 0; i < values.length; i++) product += values[i]! * mirror[i]!;
  for (let i = 0; i < values.length; i++) values[i]! -= 2 * product * mirror[i]!;
}
