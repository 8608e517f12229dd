// Twin of centroid_distance in float64.

export function centroidDistance(
  rows: Float32Array,
  centroids: Float32Array,
  labels: Uint32Array,
  dim: number,
): { l2Distances: Float32Array; cosineDistances: Float32Array } {
  const l2Distances = new Float32Array(labels.length);
  const cosineDistances = new Float32Array(labels.length);
  labels.forEach((label, row) => {
    let squares = 0;
    let product = 0;
    let norm = 0;
    for (let i = 0; i < dim; i++) {
      const x = rows[row * dim + i]!;
      const c = centroids[label * dim + i]!;
      squares += (x - c) ** 2;
      product += x * c;
      norm += c * c;
    }
    l2Distances[row] = Math.sqrt(squares);
    cosineDistances[row] = norm === 0 ? 1 : 1 - product / Math.sqrt(norm);
  });
  return { l2Distances, cosineDistances };
}
