// Twin of kmeans_score in float64.

export function kmeansScore(
  rows: Float32Array,
  centroids: Float32Array,
  labels: Uint32Array,
  dim: number,
): Float64Array {
  return Float64Array.from(labels, (label, row) => {
    let score = 0;
    for (let i = 0; i < dim; i++) {
      const value = centroids[label * dim + i]!;
      score += rows[row * dim + i]! * value - value ** 2 / 2;
    }
    return score;
  });
}
