// Twin of kmeans_pick: the candidate of the largest score, the first on ties.

export function kmeansPick(
  labels: Uint32Array,
  listed: Uint32Array,
  scores: Float32Array,
  candidates: Uint32Array,
): Uint32Array {
  const settled = labels.slice();
  const stretches = scores.length / listed.length;
  for (const [position, row] of listed.entries()) {
    const own = scores.subarray(position * stretches, (position + 1) * stretches);
    settled[row] = candidates[position * stretches + own.indexOf(Math.max(...own))]!;
  }
  return settled;
}
