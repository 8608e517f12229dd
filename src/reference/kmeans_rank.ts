// Twin of kmeans_rank: counts up the rows of each label, tile by tile of 1024 rows.

export function kmeansRank(
  labels: Uint32Array,
  clusterCount: number,
  previous: Uint32Array = new Uint32Array(labels.length),
): { ranks: Uint32Array; counts: Uint32Array; moved: number } {
  const counts = new Uint32Array(Math.ceil(labels.length / 1024) * clusterCount);
  const ranks = new Uint32Array(labels.length);
  let moved = 0;
  labels.forEach((label, row) => {
    const at = Math.floor(row / 1024) * clusterCount + label;
    ranks[row] = counts[at]!;
    counts[at] = counts[at]! + 1;
    if (previous[row] !== label + 1) moved++;
  });
  return { ranks, counts, moved };
}
