// From TransNetV2's answers to scenes, as NeMo Curator's TransNetV2ClipExtractionStage: a frame whose probability is above
// the threshold is a transition and belongs to no scene; what lies between transitions is one. By default the last scene
// keeps its last frame. `nemo` repeats the reference, which drops that frame and, where the only transition is at the very
// start, takes the transition in as well.

/** A stretch [start, end) of a video, in frames or in seconds. */
export interface Scene {
  readonly start: number;
  readonly end: number;
}

export interface SceneOptions {
  /** "nemo" repeats the reference's arithmetic. Default "none". */
  readonly compat?: "none" | "nemo";
  /** Whether a video without scenes (all is transition, or under `nemo` no cut was seen) is one scene. Default true. */
  readonly wholeVideoIfNone?: boolean;
}

/** Scenes in frames, ascending. @param probabilities of a transition, one for each frame. */
export function scenesOf(
  probabilities: ArrayLike<number>,
  threshold: number,
  { compat = "none", wholeVideoIfNone = true }: SceneOptions = {},
): Scene[] {
  const frameCount = probabilities.length;
  const isTransition = (frame: number): boolean => (probabilities[frame] as number) > threshold;
  const scenes = compat === "nemo" ? nemoScenes(frameCount, isTransition) : runs(frameCount, isTransition);
  return scenes.length === 0 && wholeVideoIfNone && frameCount > 0 ? [{ start: 0, end: frameCount }] : scenes;
}

/** The longest stretches without a transition. */
function runs(frameCount: number, isTransition: (frame: number) => boolean): Scene[] {
  const scenes: Scene[] = [];
  for (let start = 0; start < frameCount; ) {
    let end = start;
    while (end < frameCount && !isTransition(end)) end++;
    if (end > start) scenes.push({ start, end });
    start = end + 1;
  }
  return scenes;
}

function nemoScenes(frameCount: number, isTransition: (frame: number) => boolean): Scene[] {
  const closed = runs(frameCount, isTransition).filter(({ end }) => end < frameCount);
  if (closed.length === 0 || isTransition(frameCount - 1)) return closed;
  const trailing = runs(frameCount, isTransition).at(-1)!;
  return [...closed, { start: trailing.start, end: frameCount - 1 }];
}
