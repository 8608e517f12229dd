// How many clusters to make where the user leaves it to us. With n rows of dimension d and k clusters, fitting and assigning
// multiply 2 p n k d numbers where p is how often every row is compared with all centroids, and comparing the rows of each
// cluster n^2 d / k: together least at k = sqrt(n / 2p). But duplicates are found inside clusters only, and every boundary
// can hide some: a collection that is compared in moments must not be shredded, whatever the sum says.

export interface ClusterChoice {
  readonly clusterCount: number;
  /** How often the fit and the last assignment compare a row with all centroids, on average. */
  readonly passes: number;
  /** One sentence for a person. */
  readonly reason: string;
}

export interface ClusterCost {
  /** Rounds at most. Default 300. */
  readonly maxIter?: number;
  /** Share of the rows that are fitted. Default 1. */
  readonly fitDataFraction?: number;
}

/** Rows of a cluster at least: so many are compared in no time. */
const leastRows = 1000;
/** Rounds that a fit takes until it improves by less than 1e-4, from k-means|| seeds. */
const usualRounds = 20;

/** k = sqrt(rows / 2 passes), and no more than one cluster for a thousand rows. */
export function chooseClusterCount(
  rowCount: number,
  { maxIter = 300, fitDataFraction = 1 }: ClusterCost = {},
): ClusterChoice {
  const passes = Math.min(maxIter, usualRounds) * fitDataFraction + 1;
  const cheapest = Math.round(Math.sqrt(rowCount / (2 * passes)));
  const most = Math.round(rowCount / leastRows);
  const clusterCount = Math.max(1, Math.min(cheapest, most));
  return { clusterCount, passes, reason: reasonOf(rowCount, clusterCount, most <= cheapest, passes) };
}

function reasonOf(rowCount: number, clusterCount: number, isSmall: boolean, passes: number): string {
  if (clusterCount === 1) return `One cluster: ${rowCount} rows are few enough to compare every pair`;
  const share = Math.ceil(rowCount / clusterCount);
  const made = `${clusterCount} clusters of about ${share} rows each for ${rowCount} rows`;
  return isSmall
    ? `${made}: fewer rows than ${leastRows} in a cluster would save no time and hide duplicates`
    : `${made}: the least work in all, sqrt(rows / 2p), as the fit compares each row ${Number(passes.toFixed(2))} times (p) with all centroids`;
}
