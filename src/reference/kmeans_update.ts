// Twin of kmeans_update in float64.

interface CarriedSums {
  readonly squares: Float32Array;
  readonly since: Uint32Array;
  readonly churn: Uint32Array;
  readonly peak: Float32Array;
}

interface NextSums {
  /** k x dim and k: sums of row - centroid, rows, and the sum of squares, of all slices. Zeros where sums begin anew. */
  readonly sums: Float32Array;
  readonly counts: Uint32Array;
  readonly squares: Float32Array;
  readonly since: Uint32Array;
  readonly peak: Float32Array;
}

export function kmeansUpdate(
  sums: Float32Array,
  counts: Uint32Array,
  centroids: Float32Array,
  dim: number,
  options: { readonly spherical?: boolean; readonly carried?: CarriedSums } = {},
): {
  centroids: Float32Array;
  halfNorms: Float32Array;
  totals: Uint32Array;
  shifts: Float32Array;
  next: NextSums | undefined;
} {
  const { spherical = false, carried } = options;
  const clusterCount = dim === 0 ? 0 : centroids.length / dim;
  const sliceCount = clusterCount === 0 ? 1 : counts.length / clusterCount;
  const moved = Float32Array.from(centroids);
  const halfNorms = new Float32Array(clusterCount);
  const totals = new Uint32Array(clusterCount);
  const shifts = new Float32Array(clusterCount);
  const next: NextSums = {
    sums: new Float32Array(clusterCount * dim),
    counts: new Uint32Array(clusterCount),
    squares: new Float32Array(clusterCount),
    since: new Uint32Array(clusterCount),
    peak: new Float32Array(clusterCount),
  };
  for (let cluster = 0; cluster < clusterCount; cluster++) {
    let total = 0;
    for (let slice = 0; slice < sliceCount; slice++)
      total = (total + counts[slice * clusterCount + cluster]!) >>> 0;
    totals[cluster] = total;
    const old = [...centroids.subarray(cluster * dim, (cluster + 1) * dim)];
    const residuals = old.map((_, i) => {
      let sum = 0;
      for (let slice = 0; slice < sliceCount; slice++)
        sum += sums[(slice * clusterCount + cluster) * dim + i]!;
      return sum;
    });
    let mean = old.map((value, i) => (total === 0 ? value : value + residuals[i]! / total));
    const length = Math.hypot(...mean);
    if (spherical && total > 0 && length > 0) mean = mean.map((value) => value / length);
    moved.set(mean, cluster * dim);
    const steps = mean.map((value, i) => value - old[i]!);
    shifts[cluster] = steps.reduce((sum, step) => sum + step ** 2, 0);
    halfNorms[cluster] = mean.reduce((sum, value) => sum + value ** 2, 0) / 2;
    if (carried === undefined || total === 0) continue;
    const parts = Math.ceil(dim / 4) * 2;
    const before = carried.squares
      .filter((_, at) => Math.floor(at / parts) % clusterCount === cluster)
      .reduce((sum, value) => sum + value, 0);
    const rest = residuals.map((sum, i) => sum - total * steps[i]!);
    const after = steps.reduce((sum, step, i) => sum - step * (rest[i]! + residuals[i]!), before);
    const [since, churn] = [Math.max(carried.since[cluster]!, 1), carried.churn[cluster]!];
    const peak = carried.since[cluster] === 0 ? before : Math.max(before, carried.peak[cluster]!);
    next.peak[cluster] = peak;
    if (churn > total / 4 || since + churn - 1 > total || after * 64 < peak) continue;
    next.since[cluster] = since + churn;
    next.counts[cluster] = total;
    next.squares[cluster] = after;
    next.sums.set(rest, cluster * dim);
  }
  return {
    centroids: moved,
    halfNorms,
    totals,
    shifts,
    next: carried === undefined ? undefined : next,
  };
}
