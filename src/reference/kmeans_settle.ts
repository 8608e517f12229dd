// Twin of kmeans_settle in float64.

/** Labels after each open centroid's score has been compared: `pairs` as kmeans_prune lays them out, with room for rowPairs. */
export function kmeansSettle(
  rows: Float32Array,
  centroids: Float32Array,
  halfNorms: Float32Array,
  scores: Float32Array,
  labels: Uint32Array,
  pairs: Uint32Array,
  rowPairs: number,
): Uint32Array {
  const dim = centroids.length / halfNorms.length;
  const settled = labels.slice();
  const best = Float64Array.from(scores);
  for (let row = 0; row < labels.length; row++) {
    const start = row * (1 + rowPairs);
    for (const centroid of pairs.subarray(start + 1, start + 1 + pairs[start]!)) {
      let score = -halfNorms[centroid]!;
      for (let i = 0; i < dim; i++) score += rows[row * dim + i]! * centroids[centroid * dim + i]!;
      if (score > best[row]! || (score === best[row] && centroid < settled[row]!)) {
        best[row] = score;
        settled[row] = centroid;
      }
    }
  }
  return settled;
}
