// Tells how far a video is that takes long to look at: units show nothing until they are done, and a network that judges every
// frame of a two-hour video on a CPU takes longer than anyone trusts a silent program.
import type { Log } from "../types.ts";

const secondsBetweenLines = 30;

/** A receiver of the number of frames done; says so at most twice a minute, and nothing of what takes less than that. */
export function slowVideoLog(
  log: Log,
  name: string,
  frameCount: number,
  now: () => number = () => performance.now(),
): (frames: number) => void {
  let last = now();
  return (frames) => {
    if (now() - last < secondsBetweenLines * 1000) return;
    last = now();
    const percent = Math.min(100, Math.floor((100 * frames) / Math.max(1, frameCount)));
    log("info", `${name}: looked for cuts in ${frames} of ${frameCount} frames (${percent} %)`);
  };
}
