// Twin of kmeans_offsets: exclusive prefix sums down the rows of a table, and the totals as one row more.

export function kmeansOffsets(counts: Uint32Array, clusterCount: number): Uint32Array {
  const table = new Uint32Array(counts.length + clusterCount);
  counts.forEach((count, at) => {
    table[at + clusterCount] = table[at]! + count;
  });
  return table;
}
