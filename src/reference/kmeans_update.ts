// Twin of kmeans_update in float64.

export function kmeansUpdate(
  sums: Float32Array,
  counts: Uint32Array,
  centroids: Float32Array,
  dim: number,
): { centroids: Float32Array; halfNorms: Float32Array; totals: Uint32Array; shifts: Float32Array } {
  const clusterCount = dim === 0 ? 0 : centroids.length / dim;
  const sliceCount = clusterCount === 0 ? 1 : counts.length / clusterCount;
  const moved = Float32Array.from(centroids);
  const halfNorms = new Float32Array(clusterCount);
  const totals = new Uint32Array(clusterCount);
  const shifts = new Float32Array(clusterCount);
  for (let cluster = 0; cluster < clusterCount; cluster++) {
    let total = 0;
    for (let slice = 0; slice < sliceCount; slice++) total += counts[slice * clusterCount + cluster]!;
    totals[cluster] = total;
    let shift = 0;
    let norm = 0;
    for (let i = cluster * dim; i < (cluster + 1) * dim; i++) {
      let sum = 0;
      for (let slice = 0; slice < sliceCount; slice++) sum += sums[slice * clusterCount * dim + i]!;
      const mean = total === 0 ? centroids[i]! : sum / total;
      moved[i] = mean;
      shift += (mean - centroids[i]!) ** 2;
      norm += mean ** 2;
    }
    shifts[cluster] = shift;
    halfNorms[cluster] = norm / 2;
  }
  return { centroids: moved, halfNorms, totals, shifts };
}
