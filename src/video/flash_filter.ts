// Keeps cuts apart by a shortest scene, so that a flash of light makes no scene of its own: PySceneDetect's FlashFilter.
// "suppress" ignores what follows a cut too soon. "merge" takes a run of frames above the threshold, each too close to the
// one before, as one cut at its last frame, once the run has lasted as long as a scene; what comes before the first cut is
// never merged, and a run that lasts until the end of the video is none.

export type FlashFilterMode = "merge" | "suppress";

/** Positions of cuts, given whether each frame is above the threshold. @param times of the frames, ascending, seconds. */
export function filterFlashes(
  above: readonly boolean[],
  times: readonly number[],
  shortestSeconds: number,
  mode: FlashFilterMode,
): number[] {
  if (shortestSeconds <= 0) return positionsOf(above);
  return mode === "merge" ? merged(above, times, shortestSeconds) : suppressed(above, times, shortestSeconds);
}

function positionsOf(above: readonly boolean[]): number[] {
  return above.flatMap((isAbove, position) => (isAbove ? [position] : []));
}

function suppressed(above: readonly boolean[], times: readonly number[], shortestSeconds: number): number[] {
  let lastCut = 0;
  return positionsOf(above).filter((position) => {
    if (times[position]! - times[lastCut]! < shortestSeconds) return false;
    lastCut = position;
    return true;
  });
}

function merged(above: readonly boolean[], times: readonly number[], shortestSeconds: number): number[] {
  const cuts: number[] = [];
  const isApart = (earlier: number, later: number): boolean =>
    times[later]! - times[earlier]! >= shortestSeconds;
  let lastAbove = 0;
  let runStart: number | undefined;
  above.forEach((isAbove, position) => {
    const apart = isApart(lastAbove, position);
    if (isAbove) {
      lastAbove = position;
      if (runStart !== undefined) return;
      if (apart) cuts.push(position);
      else if (cuts.length > 0) runStart = position;
    } else if (runStart !== undefined && apart && isApart(runStart, lastAbove)) {
      cuts.push(lastAbove);
      runStart = undefined;
    }
  });
  return cuts;
}
