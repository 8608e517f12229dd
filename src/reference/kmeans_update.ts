// Twin of kmeans_update in float64.

export function kmeansUpdate(
  sums: Float32Array,
  counts: Uint32Array,
  centroids: Float32Array,
  dim: number,
  options: { readonly spherical?: boolean } = {},
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
    const old = [...centroids.subarray(cluster * dim, (cluster + 1) * dim)];
    let mean = old.map((value, i) => {
      let sum = 0;
      for (let slice = 0; slice < sliceCount; slice++)
        sum += sums[(slice * clusterCount + cluster) * dim + i]!;
      return total === 0 ? value : value + sum / total;
    });
    const length = Math.hypot(...mean);
    if (options.spherical === true && total > 0 && length > 0) mean = mean.map((value) => value / length);
    moved.set(mean, cluster * dim);
    shifts[cluster] = mean.reduce((sum, value, i) => sum + (value - old[i]!) ** 2, 0);
    halfNorms[cluster] = mean.reduce((sum, value) => sum + value ** 2, 0) / 2;
  }
  return { centroids: moved, halfNorms, totals, shifts };
}
