// Twin of kmeans_screen: scores of the f16 roundings in float64, and the rows whose lead rounding could have made.
import { halfPack } from "./half_pack.ts";

export function kmeansScreen(
  rows: Float32Array,
  centroids: Float32Array,
  dim: number,
): { labels: Uint32Array; doubtful: Uint32Array } {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  const count = centroids.length / dim;
  const [left, right] = [halfPack(rows, dim), halfPack(centroids, dim)];
  const [roundedRows, roundedCentroids] = [
    unpack(left.halves, rowCount, dim),
    unpack(right.halves, count, dim),
  ];
  const largest = { error: 0, length: 0 };
  for (let c = 0; c < count; c++) {
    largest.error = Math.max(largest.error, right.errors[2 * c]!);
    largest.length = Math.max(largest.length, right.errors[2 * c + 1]!);
  }
  const longest = largest.error + largest.length;
  const labels = new Uint32Array(rowCount);
  const doubtful: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    let [best, second] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let c = 0; c < count; c++) {
      let score = 0;
      for (let i = 0; i < dim; i++) {
        score += roundedRows[row * dim + i]! * roundedCentroids[c * dim + i]!;
        score -= centroids[c * dim + i]! ** 2 / 2;
      }
      second = Math.max(second, Math.min(score, best));
      if (score > best) {
        best = score;
        labels[row] = c;
      }
    }
    const [error, length] = [left.errors[2 * row]!, left.errors[2 * row + 1]!];
    const rounding =
      Math.ceil(dim / 64) * 64 * 3 * 2 ** -22 * length * longest +
      (error + length + longest) * longest * 2 ** -21;
    if (!(best - second > 2 * (error * longest + length * largest.error) + rounding)) doubtful.push(row);
  }
  return { labels, doubtful: Uint32Array.from(doubtful) };
}

/** Rows in their own order again, as numbers. */
function unpack(halves: Uint16Array, rowCount: number, dim: number): Float64Array {
  const blocks = Math.ceil(dim / 64) * 4;
  const rows = new Float64Array(rowCount * dim);
  for (let row = 0; row < rowCount; row++) {
    for (let i = 0; i < dim; i++) {
      const block = Math.floor(row / 64) * blocks + Math.floor(i / 16);
      const bits = halves[(block * 64 + (row % 64)) * 16 + (i % 16)]!;
      const size = ((bits & 0x3ff) + 1024) * 2 ** (((bits >> 10) & 31) - 25);
      rows[row * dim + i] = bits === 0 ? 0 : bits & 0x8000 ? -size : size;
    }
  }
  return rows;
}
