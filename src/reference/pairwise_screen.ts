// Twin of pairwise_screen in float64: the pairs that reach the threshold, which the kernel's candidates must include.
// Sorted by the later row, then by the earlier one.

export function pairwiseScreen(
  rows: Float32Array,
  dim: number,
  threshold: number,
  starts?: Uint32Array,
): { readonly later: Uint32Array; readonly earlier: Uint32Array; readonly scores: Float32Array } {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  const found: [later: number, earlier: number, score: number][] = [];
  for (let later = 0; later < rowCount; later++) {
    for (let earlier = starts?.[later] ?? 0; earlier < later; earlier++) {
      let product = 0;
      for (let i = 0; i < dim; i++) product += rows[later * dim + i]! * rows[earlier * dim + i]!;
      if (product >= threshold) found.push([later, earlier, product]);
    }
  }
  return {
    later: Uint32Array.from(found, ([later]) => later),
    earlier: Uint32Array.from(found, ([, earlier]) => earlier),
    scores: Float32Array.from(found, ([, , score]) => score),
  };
}
