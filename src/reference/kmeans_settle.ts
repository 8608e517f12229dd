// Twin of kmeans_settle in float64.

/** Labels after each pair's score has been compared: `pairs` as kmeans_prune lays them out, with room for blockPairs. */
export function kmeansSettle(
  rows: Float32Array,
  centroids: Float32Array,
  halfNorms: Float32Array,
  scores: Float32Array,
  labels: Uint32Array,
  pairs: Uint32Array,
  blockPairs: number,
): Uint32Array {
  const dim = centroids.length / halfNorms.length;
  const settled = labels.slice();
  const best = Float64Array.from(scores);
  for (let start = 0; start < pairs.length; start += 1 + blockPairs) {
    const firstRow = (start / (1 + blockPairs)) * 64;
    for (const pair of pairs.subarray(start + 1, start + 1 + pairs[start]!)) {
      const [row, centroid] = [firstRow + (pair % 64), Math.floor(pair / 64)];
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
