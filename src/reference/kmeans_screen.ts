// Twin of kmeans_screen: scores of the f16 roundings in float64, and the rows whose lead rounding could have made, over the
// second best alone or over the third too.
import { halfPack } from "./half_pack.ts";

export function kmeansScreen(
  rows: Float32Array,
  centroids: Float32Array,
  dim: number,
): {
  labels: Uint32Array;
  doubtful: Uint32Array;
  duels: (readonly [row: number, rival: number])[];
} {
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
  const duels: (readonly [number, number])[] = [];
  for (let row = 0; row < rowCount; row++) {
    const lead = [
      { score: Number.NEGATIVE_INFINITY, label: 0 },
      { score: Number.NEGATIVE_INFINITY, label: 0 },
      { score: Number.NEGATIVE_INFINITY, label: 0 },
    ];
    for (let label = 0; label < count; label++) {
      let score = 0;
      for (let i = 0; i < dim; i++) {
        score += roundedRows[row * dim + i]! * roundedCentroids[label * dim + i]!;
        score -= centroids[label * dim + i]! ** 2 / 2;
      }
      const place = lead.findIndex((leader) => score > leader.score);
      if (place >= 0) {
        lead.splice(place, 0, { score, label });
        lead.pop();
      }
    }
    const [best, second, third] = lead as [(typeof lead)[0], (typeof lead)[0], (typeof lead)[0]];
    labels[row] = best.label;
    const [error, length] = [left.errors[2 * row]!, left.errors[2 * row + 1]!];
    const rounding =
      Math.ceil(dim / 64) * 64 * 3 * 2 ** -22 * (length + longest / 2) * longest +
      (error + length + longest) * longest * 2 ** -21;
    const doubt = 2 * (error * longest + length * largest.error) + rounding;
    if (best.score - second.score > doubt) continue;
    if (best.score - third.score > doubt) duels.push([row, second.label]);
    else doubtful.push(row);
  }
  return { labels, doubtful: Uint32Array.from(doubtful), duels };
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
