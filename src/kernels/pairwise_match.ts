// Kernel pairwise_match: all matches inside a small block of rows, as bits.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { panelByteLength, recordPanelPack } from "./panel_pack.ts";
import { rowCountOf } from "./row_count.ts";

/** Rows a block may have: 1024 x 1024 bits are 128 KiB. */
export const matchBlockRows = 1024;

export interface PairwiseMatchInputs {
  /** Panels (panel_pack) of the block's rows. */
  readonly panels: GPUBuffer;
  /** u32, rowCount, ascending. */
  readonly ranks: GPUBuffer;
  /** u32, rowCount: rank of the first row of the row's group. */
  readonly starts: GPUBuffer;
  readonly rowCount: number;
  readonly dim: number;
  /** Smallest dot product that is a match. */
  readonly threshold: number;
  /** u32, rowCount x ceil(rowCount / 32): bit i of row j is set where earlier row i matches row j. */
  readonly matches: GPUBuffer;
}

export function recordPairwiseMatch(recorder: Recorder, inputs: PairwiseMatchInputs): void {
  const { rowCount, dim, threshold, panels, starts, ranks, matches } = inputs;
  if (rowCount === 0) return;
  const words = divideUp(rowCount, 32);
  recorder.dispatch("pairwise_match", {
    params: { row_count: rowCount, dim, words, threshold },
    bindings: { panels, starts, ranks, matches },
    grid: [divideUp(rowCount, 64), words, 1],
  });
}

/** Matches of at most 1024 rows as bits (u32, rowCount x ceil(rowCount / 32)), on plain arrays. */
export async function pairwiseMatch(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  threshold: number,
  starts?: Uint32Array,
): Promise<Uint32Array> {
  const rowCount = rowCountOf(rows, dim);
  if (rowCount > matchBlockRows) {
    throw new RangeError(`Cannot match a block as it holds more than ${matchBlockRows} rows: ${rowCount}`);
  }
  return await BufferScope.run(gpu, async (scope) => {
    const words = divideUp(rowCount, 32);
    const panels = scope.buffer("pairwise_match.panels", panelByteLength(rowCount, dim));
    const matches = scope.buffer("pairwise_match.matches", rowCount * words * 4);
    const rowBuffer = scope.upload("pairwise_match.rows", rows);
    const ranks = Uint32Array.from({ length: rowCount }, (_, row) => row);
    gpu.submit("pairwise_match", (recorder) => {
      recordPanelPack(recorder, { rows: rowBuffer, panels, rowCount, dim });
      recordPairwiseMatch(recorder, {
        panels,
        ranks: scope.upload("pairwise_match.ranks", ranks),
        starts: scope.upload("pairwise_match.starts", starts ?? new Uint32Array(rowCount)),
        rowCount,
        dim,
        threshold,
        matches,
      });
    });
    return await gpu.readUints(matches, rowCount * words);
  });
}
