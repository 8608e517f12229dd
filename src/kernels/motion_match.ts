// Kernel motion_match: how far each block of 8 x 8 pixels moved between the two frames of a pair, at one level of the
// search. `MotionSearch` (motion_search.ts) runs the levels.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";

/** Pixels on a side of a block. */
export const motionBlockSide = 8;

/** What is known of a block. */
export const motionState = {
  /** It has no structure that could be followed. */
  flat: 0,
  matched: 1,
  /** Nothing in the earlier frame is like it: what was hidden, a cut, too fast. */
  lost: 2,
} as const;

export interface MotionField {
  /** x and y for each block of each pair, in pixels: how far it moved from the earlier frame to the later one. */
  readonly displacements: Float32Array;
  /** One of `motionState` for each block. */
  readonly states: Uint32Array;
}

export interface MotionMatchInputs {
  /** u32, one value of 0..255 for each pixel, pairCount x 2 x height x width, the earlier frame first. */
  readonly frames: GPUBuffer;
  readonly pairCount: number;
  /** Both multiples of 8; of 16 where there are parents. */
  readonly width: number;
  readonly height: number;
  /** Pixels that are searched on each side of no motion, and of what the parents found. */
  readonly radius: number;
  /** Displacements on frames of half the size, or null on the coarsest level. */
  readonly parents: GPUBuffer | null;
  /** f32, 2 for each block. */
  readonly displacements: GPUBuffer;
  /** u32, 1 for each block. */
  readonly states: GPUBuffer;
}

export function motionBlockCount(pairCount: number, width: number, height: number): number {
  return (pairCount * width * height) / motionBlockSide ** 2;
}

export function recordMotionMatch(
  recorder: Recorder,
  { frames, pairCount, width, height, radius, parents, displacements, states }: MotionMatchInputs,
): void {
  const blockCount = motionBlockCount(pairCount, width, height);
  if (blockCount === 0) return;
  recorder.dispatch("motion_match", {
    params: {
      ...{ block_count: blockCount, width, height, radius },
      ...{ has_parents: parents === null ? 0 : 1, loop_side: motionBlockSide },
    },
    // A binding cannot be left empty; without parents nothing is read of it.
    bindings: { frames, parents: parents ?? frames, displacements, states },
    grid: foldGrid(divideUp(blockCount, 64)),
  });
}

/** One level of the search, on plain arrays. */
export async function motionMatch(
  gpu: GpuContext,
  frames: Uint32Array,
  width: number,
  height: number,
  radius: number,
  parents?: Float32Array,
): Promise<MotionField> {
  const pairCount = frames.length / (2 * width * height);
  const side = motionBlockSide * (parents === undefined ? 1 : 2);
  if (!Number.isInteger(pairCount) || width % side > 0 || height % side > 0) {
    throw new RangeError(
      `Cannot match blocks as frames must come in pairs and be multiples of ${side} in size: ${frames.length} values, ${width}x${height}`,
    );
  }
  const blockCount = motionBlockCount(pairCount, width, height);
  return await BufferScope.run(gpu, async (scope) => {
    const source = scope.upload("motion_match.frames", frames);
    const above = parents === undefined ? null : scope.upload("motion_match.parents", parents);
    const displacements = scope.buffer("motion_match.displacements", blockCount * 8);
    const states = scope.buffer("motion_match.states", blockCount * 4);
    gpu.submit("motion_match", (recorder) =>
      recordMotionMatch(recorder, {
        ...{ frames: source, pairCount, width, height, radius },
        ...{ parents: above, displacements, states },
      }),
    );
    return {
      displacements: await gpu.readFloats(displacements, blockCount * 2),
      states: await gpu.readUints(states, blockCount),
    };
  });
}
