// Kernel row_rest_norms: the lengths of rows past each prefix of their dimensions, which pairwise_screen prunes by.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { panelByteLength, panelRows } from "./panel_pack.ts";
import { rowCountOf } from "./row_count.ts";

/** Dimensions between two looks of pairwise_screen. */
export const screenChunk = 32;

/**
 * Share of |x| |y| by which an f32 dot product, its prefixes and the norms can err together: gamma(n) of n sums and products
 * (Higham, Accuracy and Stability of Numerical Algorithms, 3.1) is below 1.01 n 2^-24. One gamma(dim) for the product that
 * counts, one for the prefix, one for two norms (each a root), and some roundings more.
 */
export function screenSlack(dim: number): number {
  return 1.01 * (3 * dim + 64) * 2 ** -24;
}

/** Bytes of the norms: one for each row of whole panels and each prefix. */
export function restNormsByteLength(rowCount: number, dim: number, chunk: number = screenChunk): number {
  return panelByteLength(rowCount, divideUp(dim, chunk));
}

export interface RowRestNormsInputs {
  /** f32, rowCount x dim. */
  readonly rows: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** Dimensions that each prefix adds. Default screenChunk. */
  readonly chunk?: number;
  /** Share of the squared length that is added to the squared rest. Default screenSlack(dim). */
  readonly slack?: number;
  /** f32, restNormsByteLength bytes, as panels with prefixes in place of dimensions. */
  readonly norms: GPUBuffer;
}

export function recordRowRestNorms(recorder: Recorder, inputs: RowRestNormsInputs): void {
  const { rows, rowCount, dim, norms, chunk = screenChunk, slack = screenSlack(dim) } = inputs;
  if (rowCount === 0) return;
  recorder.dispatch("row_rest_norms", {
    params: { row_count: rowCount, dim, chunk, slack },
    bindings: { rows, norms },
    grid: foldGrid(divideUp(rowCount, panelRows)),
  });
}

/** On plain arrays: f32, rowCount x ceil(dim / chunk): sqrt(|what follows the prefix|^2 + slack |row|^2). */
export async function rowRestNorms(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  chunk: number,
  slack: number,
): Promise<Float32Array> {
  const rowCount = rowCountOf(rows, dim);
  const prefixes = divideUp(dim, chunk);
  return await BufferScope.run(gpu, async (scope) => {
    const source = scope.upload("row_rest_norms.rows", rows);
    const norms = scope.buffer("row_rest_norms.norms", restNormsByteLength(rowCount, dim, chunk));
    gpu.submit("row_rest_norms", (recorder) =>
      recordRowRestNorms(recorder, { rows: source, rowCount, dim, chunk, slack, norms }),
    );
    const packed = await gpu.readFloats(norms, norms.size / 4);
    return Float32Array.from({ length: rowCount * prefixes }, (_, at) => {
      const row = Math.floor(at / prefixes);
      const panel = Math.floor(row / panelRows);
      return packed[(panel * prefixes + (at % prefixes)) * panelRows + (row % panelRows)]!;
    });
  });
}
