// Twin of pair_settle: each later row's index, lowered to the earliest row among the pairs that have the later row's score.

export function pairSettle(
  pairs: Uint32Array,
  pairScores: Float32Array,
  scores: Float32Array,
  indices: Uint32Array,
): Uint32Array {
  const settled = indices.slice();
  pairScores.forEach((score, at) => {
    const [later, earlier] = [pairs[at * 2]!, pairs[at * 2 + 1]!];
    if (score === scores[later]) settled[later] = Math.min(settled[later]!, earlier);
  });
  return settled;
}
