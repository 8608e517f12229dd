// Twin of kmeans_assign: the nearest centroid by float64 distances, lowest index on ties.

export function kmeansAssign(
  rows: Float32Array,
  centroids: Float32Array,
  dim: number,
): { labels: Uint32Array; distances: Float32Array } {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  const centroidCount = centroids.length / dim;
  const labels = new Uint32Array(rowCount);
  const distances = new Float32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let c = 0; c < centroidCount; c++) {
      let distance = 0;
      for (let i = 0; i < dim; i++) distance += (rows[row * dim + i]! - centroids[c * dim + i]!) ** 2;
      if (distance < nearest) {
        nearest = distance;
        labels[row] = c;
      }
    }
    distances[row] = nearest;
  }
  return { labels, distances };
}
