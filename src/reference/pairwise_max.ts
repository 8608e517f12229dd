// Twin of pairwise_max: every pair in float64, earliest row on ties, floor at 0 with the row's own index.

export function pairwiseMax(
  rows: Float32Array,
  dim: number,
  starts?: Uint32Array,
): { scores: Float32Array; maxIndex: Uint32Array } {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  const scores = new Float32Array(rowCount);
  const maxIndex = Uint32Array.from({ length: rowCount }, (_, row) => row);
  for (let later = 0; later < rowCount; later++) {
    let best = 0;
    for (let earlier = starts?.[later] ?? 0; earlier < later; earlier++) {
      let product = 0;
      for (let i = 0; i < dim; i++) product += rows[later * dim + i]! * rows[earlier * dim + i]!;
      if (product > best || (product === best && earlier < maxIndex[later]!)) {
        best = product;
        maxIndex[later] = earlier;
      }
    }
    scores[later] = best;
  }
  return { scores, maxIndex };
}
