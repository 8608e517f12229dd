// Kernel row_rest_norms: the lengths of rows past each prefix of their dimensions, which pairwise_screen prunes by.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import type { VariantName } from "../gpu/kernel.ts";
import { BufferScope } from "./buffer_scope.ts";
import { panelRows } from "./panel_pack.ts";
import { rowCountOf } from "./row_count.ts";

/**
 * Share of |x| |y| by which an f32 dot product, its prefixes and the norms can err together: gamma(n) of n sums and products
 * (Higham, Accuracy and Stability of Numerical Algorithms, 3.1) is below 1.01 n 2^-24. One gamma(dim) for the product that
 * counts, one for the prefix, one for two norms (each a root), and some roundings more. Matrix units may truncate their
 * sums, to 2^-22 at worst, so that the prefix of rounded rows takes four.
 */
export function screenSlack(dim: number, rounded = false): number {
  return 1.01 * ((rounded ? 6 : 3) * dim + 64) * 2 ** -24;
}

/** Bytes of the norms: one for each prefix and each row, filled up to a multiple of 128 rows. */
export function restNormsByteLength(rowCount: number, dim: number, chunk: number): number {
  return divideUp(rowCount, 128) * 128 * divideUp(dim, chunk) * 4;
}

export interface RowRestNormsInputs {
  /** f32, rowCount x dim. */
  readonly rows: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** Dimensions that each prefix adds. */
  readonly chunk: number;
  /** Errors of the rows (half_pack) where the rounded ones are screened. */
  readonly errors?: GPUBuffer | undefined;
  /** Share of the squared length that is added to the squared rest. Default screenSlack(dim). */
  readonly slack?: number;
  /** f32, restNormsByteLength bytes: panels of 64 rows as panel_pack's, prefixes in place of dimensions. */
  readonly norms: GPUBuffer;
}

export function recordRowRestNorms(recorder: Recorder, inputs: RowRestNormsInputs): void {
  const { rows, rowCount, dim, chunk, errors, norms } = inputs;
  const { slack = screenSlack(dim, errors !== undefined) } = inputs;
  if (rowCount === 0) return;
  recorder.dispatch("row_rest_norms", {
    params: { row_count: rowCount, dim, chunk, slack, rounded: errors === undefined ? 0 : 1 },
    bindings: { rows, errors: errors ?? rows, norms },
    grid: foldGrid(divideUp(rowCount, panelRows)),
    variant: variantFor(dim, chunk),
  });
}

function variantFor(dim: number, chunk: number): VariantName<"row_rest_norms"> {
  if (chunk === 64 && dim % 64 === 0) return "staged";
  return dim % 4 === 0 && chunk % 4 === 0 ? "wide" : "plain";
}

/**
 * On plain arrays: f32, rowCount x ceil(dim / chunk): sqrt(|what follows the prefix|^2 + slack |row|^2).
 *
 * @param errors f32, 2 for each row: what rounding took and the rounded row's length; adds (2^-6 length + 2^6 taken)^2.
 */
export async function rowRestNorms(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  chunk: number,
  slack: number,
  errors?: Float32Array,
): Promise<Float32Array> {
  const rowCount = rowCountOf(rows, dim);
  const prefixes = divideUp(dim, chunk);
  return await BufferScope.run(gpu, async (scope) => {
    const source = scope.upload("row_rest_norms.rows", rows);
    const norms = scope.buffer("row_rest_norms.norms", restNormsByteLength(rowCount, dim, chunk));
    gpu.submit("row_rest_norms", (recorder) =>
      recordRowRestNorms(recorder, {
        rows: source,
        rowCount,
        dim,
        chunk,
        slack,
        norms,
        errors: errors && scope.upload("row_rest_norms.errors", errors),
      }),
    );
    const packed = await gpu.readFloats(norms, norms.size / 4);
    return Float32Array.from({ length: rowCount * prefixes }, (_, at) => {
      const row = Math.floor(at / prefixes);
      const panel = Math.floor(row / panelRows);
      return packed[(panel * prefixes + (at % prefixes)) * panelRows + (row % panelRows)]!;
    });
  });
}
