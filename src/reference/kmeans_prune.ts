// Twin of kmeans_prune in float64.

/** How far the upper bound of each centroid's score lies above what the row has, rowCount x k; below 0 it is ruled out. */
export function kmeansPrune(
  rows: Float32Array,
  centroids: Float32Array,
  halfNorms: Float32Array,
  scores: Float32Array,
): Float64Array {
  const k = halfNorms.length;
  const margins = new Float64Array((rows.length / 68) * k);
  for (let at = 0; at < margins.length; at++) {
    const [row, centroid] = [Math.floor(at / k), at % k];
    const [x, c] = [rows.subarray(row * 68), centroids.subarray(centroid * 68)];
    const score = scores[row]!;
    let margin = c[65]! - halfNorms[centroid]! - (score - Math.abs(score) * 2 ** -17 - x[65]!);
    for (let i = 0; i < 65; i++) margin += x[i]! * c[i]!;
    margins[at] = margin;
  }
  return margins;
}

/** The centroid that the sketches alone suggest for each row: the one with the nearest coordinates, the first on ties. */
export function sketchSearch(
  rows: Float32Array,
  centroids: Float32Array,
  halfNorms: Float32Array,
): Uint32Array {
  return Uint32Array.from({ length: rows.length / 68 }, (_, row) => {
    let [best, label] = [Number.NEGATIVE_INFINITY, 0];
    for (const [centroid, halfNorm] of halfNorms.entries()) {
      let score = centroids[centroid * 68 + 64]! ** 2 / 2 - halfNorm;
      for (let i = 0; i < 64; i++) score += rows[row * 68 + i]! * centroids[centroid * 68 + i]!;
      if (score > best) [best, label] = [score, centroid];
    }
    return label;
  });
}
