// Where scenes begin, decided from the scores of frames: PySceneDetect's ContentDetector (a score at the threshold or above)
// and AdaptiveDetector (a score that stands out from the frames around it, so that fast movement is no cut). The trap:
// lengths are given in frames and compared in time, since frame rates vary; a frame is as long as it is on average.
import type { ScoredFrames } from "./content_scores.ts";
import { type FlashFilterMode, filterFlashes } from "./flash_filter.ts";
import type { SceneCut } from "./span_planner.ts";

export interface ContentCutOptions {
  readonly threshold: number;
  readonly minSceneFrames: number;
  readonly flashFilter: FlashFilterMode;
}

export interface AdaptiveCutOptions {
  /** How many times the mean of the frames around it a score must be. */
  readonly adaptiveThreshold: number;
  /** How many frames before and after are around it. */
  readonly windowFrames: number;
  /** And the score itself must be this at least. */
  readonly minContentScore: number;
  readonly minSceneFrames: number;
}

/** Containers round times, so that the same number of frames does not always last as long: a quarter of a frame. */
const slackFrames = 0.25;
/** The ratio to surroundings without any change, and of any ratio the most. */
const maxRatio = 255;
const noChange = 1e-5;

export function contentCuts(scored: ScoredFrames, options: ContentCutOptions): SceneCut[] {
  const { scores, times } = scored;
  const above = scores.map((score) => score >= options.threshold);
  const shortest = shortestSeconds(scored, options.minSceneFrames);
  return filterFlashes(above, times, shortest, options.flashFilter).map((position) =>
    cutAt(scored, position, scores[position]!),
  );
}

/** The first and last frames have no surroundings and are never cuts. The score of a cut is its ratio. */
export function adaptiveCuts(scored: ScoredFrames, options: AdaptiveCutOptions): SceneCut[] {
  const { scores, times } = scored;
  const { adaptiveThreshold, windowFrames, minContentScore } = options;
  const shortest = shortestSeconds(scored, options.minSceneFrames);
  const cuts: SceneCut[] = [];
  let lastCutTime = times[0] ?? 0;
  for (let position = windowFrames; position + windowFrames < scores.length; position++) {
    const score = scores[position]!;
    const ratio = ratioToSurroundings(scores, position, windowFrames, minContentScore);
    // The reference looks from the last frame of the window, which is the one it has just been given.
    const isApart = times[position + windowFrames]! - lastCutTime >= shortest;
    if (ratio < adaptiveThreshold || score < minContentScore || !isApart) continue;
    lastCutTime = times[position]!;
    cuts.push(cutAt(scored, position, ratio));
  }
  return cuts;
}

function ratioToSurroundings(
  scores: readonly number[],
  position: number,
  windowFrames: number,
  minContentScore: number,
): number {
  let sum = 0;
  for (let distance = 1; distance <= windowFrames; distance++) {
    sum += scores[position - distance]! + scores[position + distance]!;
  }
  const mean = sum / (2 * windowFrames);
  if (mean < noChange) return scores[position]! >= minContentScore ? maxRatio : 0;
  return Math.min(scores[position]! / mean, maxRatio);
}

function shortestSeconds({ frameRate }: ScoredFrames, frames: number): number {
  return (frames - slackFrames) / frameRate;
}

function cutAt({ frames, times }: ScoredFrames, position: number, score: number): SceneCut {
  return { frame: frames[position]!, seconds: times[position]!, score };
}
