// What is taken from scenes: their edges beside cuts, what is too long, and what is too short. Rules and defaults are those
// of NeMo Curator's TransNetV2 stage. The order matters: the reference divides long scenes first and then crops each part
// at both ends, though there is no cut between parts. By default scenes are cropped first, and only where there is a cut.
import type { Scene } from "./transnet_scenes.ts";

/** Lengths in the unit of the scenes: frames or seconds. */
export interface SceneFilters {
  /** Shorter scenes are dropped. 0: none is. */
  readonly minLength: number;
  /** Longer scenes are truncated or divided. 0: none is. */
  readonly maxLength: number;
  /** "truncate": the start of a long scene. "stride": parts of `maxLength`, the last one dropped where it is too short. */
  readonly maxLengthMode: "stride" | "truncate";
  /** Taken off beside each cut; by the reference off both ends of every scene and part. */
  readonly cropLength: number;
}

/** Lengths differ by less than that where a container rounds times to milliseconds (Matroska); far below one frame. */
const tolerance = 1e-3;

/** Crop at the cuts, then the longest, then the shortest length. @param whole the video itself: its ends are no cuts. */
export function filterScenes(scenes: readonly Scene[], whole: Scene, filters: SceneFilters): Scene[] {
  const { cropLength } = filters;
  const cropped = scenes.map(({ start, end }) => ({
    start: start > whole.start ? start + cropLength : start,
    end: end < whole.end ? end - cropLength : end,
  }));
  return longEnough(notTooLong(cropped.filter(hasLength), filters), filters);
}

/** The reference's order: the longest length, then the crop, then the shortest length. */
export function filterScenesAsNemo(scenes: readonly Scene[], filters: SceneFilters): Scene[] {
  const { cropLength } = filters;
  const cropped = notTooLong(scenes, filters).map(({ start, end }) => ({
    start: start + cropLength,
    end: end - cropLength,
  }));
  return longEnough(cropped.filter(hasLength), filters);
}

/** Consecutive parts of at most `maxLength`; the last one goes where it is shorter than `minLength`. */
export function divideScene({ start, end }: Scene, maxLength: number, minLength: number): Scene[] {
  const count = Math.ceil((end - start - tolerance) / maxLength);
  const parts = Array.from({ length: Math.max(0, count) }, (_, index) => ({
    start: start + index * maxLength,
    end: index === count - 1 ? end : start + (index + 1) * maxLength,
  }));
  return parts.filter((part, index) => index < count - 1 || isLongEnough(part, minLength));
}

function notTooLong(
  scenes: readonly Scene[],
  { maxLength, maxLengthMode, minLength }: SceneFilters,
): readonly Scene[] {
  if (maxLength === 0) return scenes;
  if (maxLengthMode === "stride") return scenes.flatMap((scene) => divideScene(scene, maxLength, minLength));
  return scenes.map(({ start, end }) => ({ start, end: Math.min(start + maxLength, end) }));
}

function longEnough(scenes: readonly Scene[], { minLength }: SceneFilters): Scene[] {
  return scenes.filter((scene) => isLongEnough(scene, minLength));
}

function isLongEnough({ start, end }: Scene, minLength: number): boolean {
  return end - start >= minLength - tolerance;
}

function hasLength({ start, end }: Scene): boolean {
  return end > start;
}
