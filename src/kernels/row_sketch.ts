// Kernel row_sketch: 64 coordinates of each row along an orthonormal basis and the length of the rest.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { panelByteLength, panelRows, recordPanelPack } from "./panel_pack.ts";
import { rowCountOf } from "./row_count.ts";

/** Directions of a basis. */
export const sketchWidth = 64;
/** f32 of a sketch: the coordinates, the rest, the share of doubt, two that are not used. */
export const sketchFloats = sketchWidth + 4;

export interface RowSketchInputs {
  /** f32, dim x 64: orthonormal columns rounded to f32; columns of zeros are allowed. */
  readonly basis: GPUBuffer;
  /** Panels (panel_pack) of the rows. */
  readonly panels: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** f32, rowCount x sketchFloats. */
  readonly sketches: GPUBuffer;
}

export function recordRowSketch(recorder: Recorder, inputs: RowSketchInputs): void {
  const { basis, panels, rowCount, dim, sketches } = inputs;
  if (rowCount === 0) return;
  recorder.dispatch("row_sketch", {
    params: { row_count: rowCount, dim },
    bindings: { left: basis, right: panels, sketches },
    grid: foldGrid(divideUp(rowCount, panelRows)),
  });
}

/** Sketches (f32, rowCount x 68) of a rowCount x dim matrix along a dim x 64 basis, on plain arrays. */
export async function rowSketch(
  gpu: GpuContext,
  rows: Float32Array,
  basis: Float32Array,
  dim: number,
): Promise<Float32Array> {
  const rowCount = rowCountOf(rows, dim);
  return await BufferScope.run(gpu, async (scope) => {
    const source = scope.upload("row_sketch.rows", rows);
    const inputs: RowSketchInputs = {
      basis: scope.upload("row_sketch.basis", basis),
      panels: scope.buffer("row_sketch.panels", panelByteLength(rowCount, dim)),
      rowCount,
      dim,
      sketches: scope.buffer("row_sketch.sketches", rowCount * sketchFloats * 4),
    };
    gpu.submit("row_sketch", (recorder) => {
      recordPanelPack(recorder, { rows: source, panels: inputs.panels, rowCount, dim });
      recordRowSketch(recorder, inputs);
    });
    return await gpu.readFloats(inputs.sketches, rowCount * sketchFloats);
  });
}
