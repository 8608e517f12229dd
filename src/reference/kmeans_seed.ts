// Twin of kmeans_seed. Random numbers and the comparison are those of the shader, bit for bit, so the picks are equal.

function pcg(value: number): number {
  const state = (Math.imul(value, 747796405) + 2891336453) >>> 0;
  const word = Math.imul(((state >>> ((state >>> 28) + 4)) ^ state) >>> 0, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

export function kmeansSeed(
  distances: Float32Array,
  params: {
    readonly seed: number;
    readonly round: number;
    readonly scale: number;
    readonly firstRow: number;
  },
): Uint32Array {
  const { seed, round, scale, firstRow } = params;
  const stream = pcg((pcg(seed >>> 0) ^ round) >>> 0);
  const picks: number[] = [];
  distances.forEach((distance, row) => {
    const bits = pcg((stream ^ (firstRow + row)) >>> 0);
    if ((bits >>> 8) / 2 ** 24 < Math.fround(Math.fround(scale) * distance)) picks.push(row);
  });
  return Uint32Array.from(picks);
}
