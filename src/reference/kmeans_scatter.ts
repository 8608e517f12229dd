// Twin of kmeans_scatter: row indices sorted by label, rows of one label in row order.

export function kmeansScatter(labels: Uint32Array): Uint32Array {
  const rows = Array.from(labels, (label, row) => ({ label, row }));
  return Uint32Array.from(rows.sort((a, b) => a.label - b.label || a.row - b.row).map(({ row }) => row));
}
