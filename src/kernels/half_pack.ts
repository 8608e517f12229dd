// Kernel half_pack: rows as f16 in the order of the f16 matrix kernels, with what the rounding changed.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { rowCountOf } from "./row_count.ts";

/** Rows and dimensions with the zeros that fill up tiles. */
export function halfShape(rowCount: number, dim: number): { paddedRows: number; paddedDim: number } {
  return { paddedRows: divideUp(rowCount, 128) * 128, paddedDim: divideUp(dim, 64) * 64 };
}

export function halfByteLength(rowCount: number, dim: number): number {
  const { paddedRows, paddedDim } = halfShape(rowCount, dim);
  return paddedRows * paddedDim * 2;
}

/** Rows as halves on the device. */
export interface HalfRows {
  /** f16, halfByteLength bytes; value i of row r lands at ((r/64 * paddedDim/16 + i/16) * 64 + r%64) * 16 + i%16. */
  readonly halves: GPUBuffer;
  /** f32, 2 for each padded row: length of row - rounded row, and of the rounded row. */
  readonly errors: GPUBuffer;
}

export function halfRows(scope: BufferScope, label: string, rowCount: number, dim: number): HalfRows {
  return {
    halves: scope.buffer(`${label}.halves`, halfByteLength(rowCount, dim)),
    errors: scope.buffer(`${label}.half_errors`, halfShape(rowCount, dim).paddedRows * 8),
  };
}

export interface HalfPackInputs extends HalfRows {
  /** f32, rowCount x dim. */
  readonly rows: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
}

export function recordHalfPack(
  recorder: Recorder,
  { rows, rowCount, dim, halves, errors }: HalfPackInputs,
): void {
  if (rowCount === 0) return;
  const { paddedRows, paddedDim } = halfShape(rowCount, dim);
  recorder.dispatch("half_pack", {
    params: { row_count: rowCount, dim, padded_rows: paddedRows, padded_dim: paddedDim },
    bindings: { rows, halves, errors },
    grid: foldGrid(paddedRows / 4),
    variant: dim % 4 === 0 ? "wide" : "plain",
  });
}

/** The f16 bits (u16, two in each u32) and errors (f32 pairs) of a rowCount x dim matrix, on plain arrays. */
export async function halfPack(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
): Promise<{ halves: Uint16Array; errors: Float32Array }> {
  const rowCount = rowCountOf(rows, dim);
  return await BufferScope.run(gpu, async (scope) => {
    const packed = halfRows(scope, "half_pack", rowCount, dim);
    const source = scope.upload("half_pack.rows", rows);
    gpu.submit("half_pack", (recorder) =>
      recordHalfPack(recorder, { rows: source, rowCount, dim, ...packed }),
    );
    return {
      halves: new Uint16Array(await gpu.read(packed.halves, halfByteLength(rowCount, dim))),
      errors: await gpu.readFloats(packed.errors, halfShape(rowCount, dim).paddedRows * 2),
    };
  });
}
