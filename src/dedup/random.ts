// Random numbers that depend on a seed and a counter alone (PCG hash), so that a choice is the same on every machine and in
// any order of evaluation.

function pcg(value: number): number {
  const state = (Math.imul(value, 747796405) + 2891336453) >>> 0;
  const word = Math.imul(((state >>> ((state >>> 28) + 4)) ^ state) >>> 0, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

/** A number in (0, 1) for the counter (stream, index). */
export function counterRandom(seed: number, stream: number, index: number): number {
  return (pcg((pcg((pcg(seed >>> 0) ^ stream) >>> 0) ^ index) >>> 0) + 0.5) / 2 ** 32;
}

/** `count` distinct whole numbers below `limit`, none of them in `taken` (a partial Fisher-Yates shuffle). */
export function sampleDistinct(
  count: number,
  limit: number,
  seed: number,
  stream: number,
  taken: ReadonlySet<number> = new Set(),
): number[] {
  const moved = new Map<number, number>();
  const picks: number[] = [];
  for (let i = 0; i < limit && picks.length < count; i++) {
    const j = i + Math.floor(counterRandom(seed, stream, i) * (limit - i));
    const pick = moved.get(j) ?? j;
    moved.set(j, moved.get(i) ?? i);
    if (!taken.has(pick)) picks.push(pick);
  }
  return picks;
}

/** Positions 0 .. count - 1 in a random order. */
export function shuffled(count: number, seed: number, stream = 0): number[] {
  return sampleDistinct(count, count, seed, stream);
}
