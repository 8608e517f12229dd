// Twin of pair_score in float64: dot products of pairs of rows, -1 below the threshold, and the largest of each later row.

export function pairScore(
  rows: Float32Array,
  dim: number,
  pairs: Uint32Array,
  threshold: number,
): { pairScores: Float32Array; scores: Float32Array } {
  const scores = new Float32Array(dim === 0 ? 0 : rows.length / dim);
  const pairScores = Float32Array.from({ length: pairs.length / 2 }, (_, at) => {
    const [later, earlier] = [pairs[at * 2]!, pairs[at * 2 + 1]!];
    let product = 0;
    for (let i = 0; i < dim; i++) product += rows[later * dim + i]! * rows[earlier * dim + i]!;
    if (product < threshold) return -1;
    scores[later] = Math.max(scores[later]!, product);
    return product;
  });
  return { pairScores, scores };
}
