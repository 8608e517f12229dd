// Kernel row_normalize: scales rows to unit length in place and yields their former lengths.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { foldGrid } from "../gpu/grid.ts";
import type { VariantName } from "../gpu/kernel.ts";

export interface RowNormalizeInputs {
  /** f32, rowCount x dim; overwritten with the unit rows. A row of zeros stays zero. */
  readonly rows: GPUBuffer;
  /** f32, rowCount; receives each row's former Euclidean length. */
  readonly norms: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** Default: the one chosen for the adapter. */
  readonly variant?: VariantName<"row_normalize"> | undefined;
}

/** Adds the dispatch to a submission. */
export function recordRowNormalize(
  recorder: Recorder,
  { rows, norms, rowCount, dim, variant }: RowNormalizeInputs,
): void {
  if (rowCount === 0) return;
  recorder.dispatch("row_normalize", {
    params: { row_count: rowCount, dim },
    bindings: { rows, norms },
    grid: foldGrid(rowCount),
    ...(variant === undefined ? {} : { variant }),
  });
}

/**
 * Unit rows of a rowCount x dim matrix, on plain arrays.
 *
 * @returns `rows` (f32, unit length; zero rows stay zero) and `norms` (f32, former lengths).
 */
export async function rowNormalize(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  variant?: VariantName<"row_normalize">,
): Promise<{ rows: Float32Array; norms: Float32Array }> {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  if (!Number.isInteger(rowCount)) {
    throw new RangeError(
      `Cannot normalise rows as ${rows.length} values are not a multiple of the dimension: ${dim}`,
    );
  }
  const rowBuffer = gpu.upload("row_normalize.rows", rows);
  const normBuffer = gpu.buffer("row_normalize.norms", rowCount * 4);
  try {
    gpu.submit("row_normalize", (recorder) =>
      recordRowNormalize(recorder, { rows: rowBuffer, norms: normBuffer, rowCount, dim, variant }),
    );
    return {
      rows: await gpu.readFloats(rowBuffer, rows.length),
      norms: await gpu.readFloats(normBuffer, rowCount),
    };
  } finally {
    gpu.free(rowBuffer);
    gpu.free(normBuffer);
  }
}
