// Whether a video's clock starts anew, as where recordings were joined (`cat a.ts b.ts`): its decoding times, which otherwise
// rise, fall. Presentation times cannot tell, since they fall at every B-frame. A single low time is damage.

/** A clock that falls by more starts anew. Less is a slip of the muxer. */
const RESTART_SECONDS = 0.5;
/** A longer step is a gap: ffmpeg closes it where the clock starts anew (its `-dts_delta_threshold`). */
const GAP_SECONDS = 10;

/** @param decodedTicks in the order of the packets; NaN where the container tells none. */
export function clockRestarts(
  decodedTicks: readonly number[],
  [numerator, denominator]: readonly [numerator: number, denominator: number],
): boolean {
  const limit = (RESTART_SECONDS * denominator) / numerator;
  let [highest, lag] = [Number.NEGATIVE_INFINITY, 0];
  for (const tick of decodedTicks) {
    if (Number.isNaN(tick)) continue;
    highest = Math.max(highest, tick);
    if (Math.min(lag, highest - tick) > limit) return true;
    lag = highest - tick;
  }
  return false;
}

/** Packets per second between restarts and gaps, or null where no two follow each other. */
export function rateBetweenRestarts(
  decodedTicks: readonly number[],
  [numerator, denominator]: readonly [numerator: number, denominator: number],
): number | null {
  const longest = (GAP_SECONDS * denominator) / numerator;
  let [steps, spread] = [0, 0];
  for (let i = 1; i < decodedTicks.length; i++) {
    const step = decodedTicks[i]! - decodedTicks[i - 1]!;
    if (!(step >= 0 && step <= longest)) continue;
    steps++;
    spread += step;
  }
  return spread > 0 ? (steps * denominator) / (spread * numerator) : null;
}
