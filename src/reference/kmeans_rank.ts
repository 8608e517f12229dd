// Twin of kmeans_rank: counts up what comes to each cluster and goes from it, tile by tile of 1024 rows.

interface LabelHistory {
  readonly previous?: Uint32Array;
  readonly since?: Uint32Array;
}

/** What a row does to the sums of a cluster. */
export interface LabelStep {
  readonly row: number;
  readonly cluster: number;
  readonly goes: boolean;
}

/** In row order: all rows of clusters whose sums begin anew, and of others those that came or went. */
export function labelSteps(labels: Uint32Array, { previous, since }: LabelHistory): LabelStep[] {
  return [...labels].flatMap((label, row) => {
    const before = (previous?.[row] ?? 0) - 1;
    const steps: LabelStep[] = [];
    if (before !== label || (since?.[label] ?? 0) === 0) steps.push({ row, cluster: label, goes: false });
    if (before >= 0 && before !== label && (since?.[before] ?? 0) !== 0)
      steps.push({ row, cluster: before, goes: true });
    return steps;
  });
}

export function kmeansRank(
  labels: Uint32Array,
  clusterCount: number,
  history: LabelHistory = {},
): { ranks: Uint32Array; counts: Uint32Array; churn: Uint32Array; moved: number } {
  const counts = new Uint32Array(Math.ceil(labels.length / 1024) * clusterCount);
  const ranks = new Uint32Array(labels.length);
  for (const { row, cluster, goes } of labelSteps(labels, history)) {
    const at = Math.floor(row / 1024) * clusterCount + cluster;
    ranks[row]! += counts[at]! * (goes ? 2 ** 16 : 1);
    counts[at]!++;
  }
  const churn = new Uint32Array(clusterCount);
  let moved = 0;
  labels.forEach((label, row) => {
    const before = (history.previous?.[row] ?? 0) - 1;
    if (before === label) return;
    moved++;
    churn[label]!++;
    if (before >= 0) churn[before]!++;
  });
  return { ranks, counts, churn, moved };
}
