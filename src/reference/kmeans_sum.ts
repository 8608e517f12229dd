// Twin of kmeans_sum: weighted sums and counts per slice and cluster, in float64.

export function kmeansSum(
  rows: Float32Array,
  labels: Uint32Array,
  clusterCount: number,
  dim: number,
  options: { readonly sliceCount?: number; readonly weights?: Uint32Array } = {},
): { sums: Float32Array; counts: Uint32Array } {
  const sliceCount = options.sliceCount ?? 1;
  const sums = new Float64Array(sliceCount * clusterCount * dim);
  const counts = new Uint32Array(sliceCount * clusterCount);
  labels.forEach((label, row) => {
    const weight = options.weights?.[row] ?? 1;
    const cluster = (Math.floor(row / 256) % sliceCount) * clusterCount + label;
    counts[cluster] = counts[cluster]! + weight;
    for (let i = 0; i < dim; i++) {
      sums[cluster * dim + i] = sums[cluster * dim + i]! + weight * rows[row * dim + i]!;
    }
  });
  return { sums: Float32Array.from(sums), counts };
}
