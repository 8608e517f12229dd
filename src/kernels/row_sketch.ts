// Kernel row_sketch: 64 coordinates of each row along an orthonormal basis and the length of the rest.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { layoutOf } from "../gpu/variant_choice.ts";
import { BufferScope } from "./buffer_scope.ts";
import { panelByteLength, panelRows, recordPanelPack } from "./panel_pack.ts";
import { rowCountOf } from "./row_count.ts";

/** Directions of a basis. */
export const sketchWidth = 64;
/** f32 of a sketch: the coordinates, the rest, the share of doubt, two that are not used. */
export const sketchFloats = sketchWidth + 4;

/** How the kernel reads rows on a device: "panels" (panel_pack), or "rows" as they lie. */
export function rowSketchLayout(gpu: GpuContext, dim: number): "panels" | "rows" {
  return layoutOf("row_sketch", gpu.variantOf("row_sketch", dim)) === "rows" ? "rows" : "panels";
}

export interface RowSketchInputs {
  /** f32, dim x 64: orthonormal columns rounded to f32; columns of zeros are allowed. */
  readonly basis: GPUBuffer;
  /** f32, the rows in the layout of rowSketchLayout. */
  readonly rows: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** f32, rowCount x sketchFloats. */
  readonly sketches: GPUBuffer;
}

export function recordRowSketch(recorder: Recorder, inputs: RowSketchInputs): void {
  const { basis, rows, rowCount, dim, sketches } = inputs;
  if (rowCount === 0) return;
  recorder.dispatch("row_sketch", {
    params: { row_count: rowCount, dim, zero: 0 },
    bindings: { left: basis, right: rows, sketches },
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
    const panels = scope.buffer("row_sketch.panels", panelByteLength(rowCount, dim));
    const inPanels = rowSketchLayout(gpu, dim) === "panels";
    const sketches = scope.buffer("row_sketch.sketches", rowCount * sketchFloats * 4);
    const basisBuffer = scope.upload("row_sketch.basis", basis);
    gpu.submit("row_sketch", (recorder) => {
      if (inPanels) recordPanelPack(recorder, { rows: source, panels, rowCount, dim });
      recordRowSketch(recorder, {
        basis: basisBuffer,
        rows: inPanels ? panels : source,
        rowCount,
        dim,
        sketches,
      });
    });
    return await gpu.readFloats(sketches, rowCount * sketchFloats);
  });
}
