// Kernel panel_pack: rearranges rows into panels of 64 rows, dim x 64 each, as the dot product kernels read them.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { rowCountOf } from "./row_count.ts";

export const panelRows = 64;

/** Bytes that `rowCount` rows take as panels: whole panels of f32. */
export function panelByteLength(rowCount: number, dim: number): number {
  return divideUp(rowCount, panelRows) * panelRows * dim * 4;
}

export interface PanelPackInputs {
  /** f32, rowCount x dim. */
  readonly rows: GPUBuffer;
  /** f32, panelByteLength(rowCount, dim) bytes; element i of row r lands at (r/64 * dim + i) * 64 + r%64. */
  readonly panels: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** Rows to pack, in this order, instead of all (row_list.ts). */
  readonly list?: GPUBuffer | undefined;
}

export function recordPanelPack(
  recorder: Recorder,
  { rows, panels, rowCount, dim, list }: PanelPackInputs,
): void {
  if (rowCount === 0) return;
  recorder.dispatch("panel_pack", {
    params: { row_count: rowCount, dim, listed: list === undefined ? 0 : 1 },
    bindings: { rows, list: list ?? rows, panels },
    grid: list === undefined ? foldGrid(divideUp(rowCount, panelRows) * 4) : { indirect: list },
  });
}

/** The panels of a rowCount x dim matrix, on plain arrays; the last panel is filled up with zeros. */
export async function panelPack(gpu: GpuContext, rows: Float32Array, dim: number): Promise<Float32Array> {
  const rowCount = rowCountOf(rows, dim);
  return await BufferScope.run(gpu, async (scope) => {
    const byteLength = panelByteLength(rowCount, dim);
    const panels = scope.buffer("panel_pack.panels", byteLength);
    const source = scope.upload("panel_pack.rows", rows);
    gpu.submit("panel_pack", (recorder) =>
      recordPanelPack(recorder, { rows: source, panels, rowCount, dim }),
    );
    return await gpu.readFloats(panels, byteLength / 4);
  });
}
