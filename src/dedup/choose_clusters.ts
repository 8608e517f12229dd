// How many clusters to make where the user leaves it to us. Duplicates are found inside clusters only, so every cluster
// boundary can hide some: a collection that one device compares in moments must not be shredded.

export interface ClusterChoice {
  readonly clusterCount: number;
  /** One sentence for a person. */
  readonly reason: string;
}

const rowsPerCluster = 1000;
const maxClusters = 1000;

/** k = rows / 1000, rounded, from 1 to 1000: the reference's default of 1000 is reached at a million rows. */
export function chooseClusterCount(rowCount: number): ClusterChoice {
  const clusterCount = Math.max(1, Math.min(maxClusters, Math.round(rowCount / rowsPerCluster)));
  const share = rowCount === 0 ? 0 : Math.ceil(rowCount / clusterCount);
  return {
    clusterCount,
    reason:
      clusterCount === 1
        ? `One cluster: ${rowCount} rows are few enough to compare every pair`
        : `${clusterCount} clusters of about ${share} rows each for ${rowCount} rows`,
  };
}
