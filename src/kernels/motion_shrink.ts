// Kernel motion_shrink: frames of half the width and height, for the coarser levels of motion_match.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";

export interface MotionShrinkInputs {
  /** u32, one value of 0..255 for each pixel, frameCount x height x width; width and height are even. */
  readonly frames: GPUBuffer;
  /** u32, frameCount x height/2 x width/2. */
  readonly halves: GPUBuffer;
  readonly frameCount: number;
  readonly width: number;
  readonly height: number;
}

export function recordMotionShrink(
  recorder: Recorder,
  { frames, halves, frameCount, width, height }: MotionShrinkInputs,
): void {
  const pixelCount = (frameCount * width * height) / 4;
  if (pixelCount === 0) return;
  recorder.dispatch("motion_shrink", {
    params: { pixel_count: pixelCount, width },
    bindings: { frames, halves },
    grid: foldGrid(divideUp(pixelCount, 64)),
  });
}

/** Frames of half the size, on plain arrays of one value for each pixel. */
export async function motionShrink(
  gpu: GpuContext,
  frames: Uint32Array,
  width: number,
  height: number,
): Promise<Uint32Array> {
  const frameCount = frames.length / (width * height);
  if (!Number.isInteger(frameCount) || width % 2 === 1 || height % 2 === 1) {
    throw new RangeError(
      `Cannot halve frames as they must be whole and of even size: ${frames.length} values, ${width}x${height}`,
    );
  }
  return await BufferScope.run(gpu, async (scope) => {
    const source = scope.upload("motion_shrink.frames", frames);
    const halves = scope.buffer("motion_shrink.halves", frames.length);
    gpu.submit("motion_shrink", (recorder) =>
      recordMotionShrink(recorder, { frames: source, halves, frameCount, width, height }),
    );
    return await gpu.readUints(halves, frames.length / 4);
  });
}
