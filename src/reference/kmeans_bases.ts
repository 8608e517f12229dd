// Twin of kmeans_bases: exclusive prefix sums and, last, the sum of all.

export function kmeansBases(totals: Uint32Array): Uint32Array {
  const bases = new Uint32Array(totals.length + 1);
  totals.forEach((total, cluster) => {
    bases[cluster + 1] = bases[cluster]! + total;
  });
  return bases;
}
