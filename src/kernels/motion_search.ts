// The whole block matching of a batch of frame pairs: two coarser copies of the frames (motion_shrink), a wide search on
// the coarsest, and narrow ones around what was found above and around no motion (motion_match).
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "./buffer_scope.ts";
import { type MotionField, motionBlockCount, recordMotionMatch } from "./motion_match.ts";
import { recordMotionShrink } from "./motion_shrink.ts";

/** Widths and heights of frames must be multiples of it: one block on the coarsest level. */
export const motionFrameUnit = 32;

/**
 * Pixels searched on each side, from the coarsest level (a quarter of the size) to the finest. Motion of up to 4 x 8
 * pixels is found, and of objects too small for the coarsest level up to 2 x 3.
 */
export const motionRadii = [8, 3, 2] as const;

/**
 * Displacements of the blocks of each pair, in pixels of the given frames.
 *
 * @param frames one value of 0..255 for each pixel, pairs of frames of one size, the earlier one first.
 */
export async function searchMotion(
  gpu: GpuContext,
  frames: Uint32Array,
  width: number,
  height: number,
): Promise<MotionField> {
  const pairCount = frames.length / (2 * width * height);
  if (!Number.isInteger(pairCount) || width % motionFrameUnit > 0 || height % motionFrameUnit > 0) {
    throw new RangeError(
      `Cannot search for motion as frames must come in pairs and be multiples of ${motionFrameUnit} in size: ${frames.length} values, ${width}x${height}`,
    );
  }
  return await BufferScope.run(gpu, async (scope) => {
    const levels = [4, 2, 1].map((divisor) => {
      const size = { width: width / divisor, height: height / divisor };
      const blockCount = motionBlockCount(pairCount, size.width, size.height);
      return {
        ...size,
        frames:
          divisor === 1
            ? scope.upload("motion.frames", frames)
            : scope.buffer("motion.halves", 8 * pairCount * size.width * size.height),
        displacements: scope.buffer("motion.displacements", blockCount * 8),
        states: scope.buffer("motion.states", blockCount * 4),
      };
    });
    const [coarse, middle, fine] = levels as [Level, Level, Level];
    gpu.submit("motion", (recorder) => {
      const frameCount = 2 * pairCount;
      recordMotionShrink(recorder, { ...fine, halves: middle.frames, frameCount });
      recordMotionShrink(recorder, { ...middle, halves: coarse.frames, frameCount });
      [coarse, middle, fine].forEach((level, index) => {
        const parents = index === 0 ? null : levels[index - 1]!.displacements;
        recordMotionMatch(recorder, { ...level, pairCount, radius: motionRadii[index]!, parents });
      });
    });
    const blockCount = motionBlockCount(pairCount, width, height);
    return {
      displacements: await gpu.readFloats(fine.displacements, blockCount * 2),
      states: await gpu.readUints(fine.states, blockCount),
    };
  });
}

interface Level {
  readonly width: number;
  readonly height: number;
  readonly frames: GPUBuffer;
  readonly displacements: GPUBuffer;
  readonly states: GPUBuffer;
}
