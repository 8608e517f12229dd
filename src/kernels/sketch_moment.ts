// Kernel sketch_moment: the transposed rows times their sketches, a step of subspace iteration.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { rowCountOf } from "./row_count.ts";
import { sketchWidth } from "./row_sketch.ts";

export interface SketchMomentInputs {
  /** f32, rowCount x dim. */
  readonly rows: GPUBuffer;
  /** Of row_sketch. */
  readonly sketches: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** f32, dim x 64. */
  readonly moments: GPUBuffer;
}

export function recordSketchMoment(recorder: Recorder, inputs: SketchMomentInputs): void {
  const { rows, sketches, rowCount, dim, moments } = inputs;
  recorder.dispatch("sketch_moment", {
    params: { row_count: rowCount, dim },
    bindings: { rows, sketches, moments },
    grid: foldGrid(divideUp(dim, 64) * 4),
  });
}

/** The product (f32, dim x 64) of the transposed rows and their sketches' coordinates, on plain arrays. */
export async function sketchMoment(
  gpu: GpuContext,
  rows: Float32Array,
  sketches: Float32Array,
  dim: number,
): Promise<Float32Array> {
  return await BufferScope.run(gpu, async (scope) => {
    const inputs: SketchMomentInputs = {
      rows: scope.upload("sketch_moment.rows", rows),
      sketches: scope.upload("sketch_moment.sketches", sketches),
      rowCount: rowCountOf(rows, dim),
      dim,
      moments: scope.buffer("sketch_moment.moments", dim * sketchWidth * 4),
    };
    gpu.submit("sketch_moment", (recorder) => recordSketchMoment(recorder, inputs));
    return await gpu.readFloats(inputs.moments, dim * sketchWidth);
  });
}
