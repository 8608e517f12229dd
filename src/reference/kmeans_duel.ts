// Twin of kmeans_duel: the nearer of a row's two centroids in float64, the lower index on ties.

export function kmeansDuel(
  rows: Float32Array,
  centroids: Float32Array,
  dim: number,
  labels: Uint32Array,
  duels: readonly (readonly [row: number, rival: number])[],
): Uint32Array {
  const settled = labels.slice();
  const score = (row: number, centroid: number): number => {
    let sum = 0;
    for (let i = 0; i < dim; i++) {
      const c = centroids[centroid * dim + i]!;
      sum += rows[row * dim + i]! * c - (c * c) / 2;
    }
    return sum;
  };
  for (const [row, rival] of duels) {
    const [own, other] = [score(row, labels[row]!), score(row, rival)];
    if (other > own || (other === own && rival < labels[row]!)) settled[row] = rival;
  }
  return settled;
}
