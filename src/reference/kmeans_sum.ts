// Twin of kmeans_sum: weighted sums of row - centroid and counts per slice and cluster, and the squares, in float64; of rows
// that come less those that go.
import { labelSteps } from "./kmeans_rank.ts";

export function kmeansSum(
  rows: Float32Array,
  labels: Uint32Array,
  centroids: Float32Array,
  dim: number,
  options: {
    readonly sliceCount?: number;
    readonly runTiles?: number;
    readonly weights?: Uint32Array;
    readonly previous?: Uint32Array;
    readonly since?: Uint32Array;
  } = {},
): { sums: Float32Array; counts: Uint32Array; squareSum: number } {
  const { sliceCount = 1, runTiles = 1, weights } = options;
  const clusterCount = centroids.length / dim;
  const sums = new Float64Array(sliceCount * clusterCount * dim);
  const counts = new Uint32Array(sliceCount * clusterCount);
  let squareSum = 0;
  for (const { row, cluster, goes } of labelSteps(labels, options)) {
    const weight = (weights?.[row] ?? 1) * (goes ? -1 : 1);
    const slice = Math.floor(row / 1024 / runTiles) % sliceCount;
    const place = slice * clusterCount + cluster;
    counts[place] = counts[place]! + weight;
    for (let i = 0; i < dim; i++) {
      const residual = rows[row * dim + i]! - centroids[cluster * dim + i]!;
      sums[place * dim + i] = sums[place * dim + i]! + weight * residual;
      squareSum += weight * residual ** 2;
    }
  }
  return { sums: Float32Array.from(sums), counts, squareSum };
}
