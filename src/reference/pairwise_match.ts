// Twin of pairwise_match in float64.

export function pairwiseMatch(
  rows: Float32Array,
  dim: number,
  threshold: number,
  starts?: Uint32Array,
): Uint32Array {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  const words = Math.ceil(rowCount / 32);
  const matches = new Uint32Array(rowCount * words);
  for (let later = 0; later < rowCount; later++) {
    for (let earlier = starts?.[later] ?? 0; earlier < later; earlier++) {
      let product = 0;
      for (let i = 0; i < dim; i++) product += rows[later * dim + i]! * rows[earlier * dim + i]!;
      const word = later * words + Math.floor(earlier / 32);
      if (product >= threshold) matches[word] = (matches[word]! | (1 << (earlier % 32))) >>> 0;
    }
  }
  return matches;
}
