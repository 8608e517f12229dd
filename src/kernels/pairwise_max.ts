// Kernel pairwise_max: the largest similarity of each row to an earlier row of its group, fused, upper triangle only.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { BufferScope } from "./buffer_scope.ts";
import { panelByteLength, panelRows, recordPanelPack } from "./panel_pack.ts";
import { rowCountOf } from "./row_count.ts";

export interface PairwiseMaxInputs {
  /** Panels (panel_pack) of the rows that look back. */
  readonly laterPanels: GPUBuffer;
  /** u32, laterCount, ascending: rank of each of them. */
  readonly laterRanks: GPUBuffer;
  /** u32, laterCount, ascending: rank of the first row of its group. */
  readonly laterStarts: GPUBuffer;
  readonly laterCount: number;
  /** Panels of the rows looked at. */
  readonly earlierPanels: GPUBuffer;
  /** u32, earlierCount, ascending. */
  readonly earlierRanks: GPUBuffer;
  readonly earlierCount: number;
  readonly dim: number;
  /** f32, laterCount: best dot product so far; 0 before the first dispatch. */
  readonly scores: GPUBuffer;
  /** u32, laterCount: rank of the best row so far; the row's own rank before the first dispatch. */
  readonly indices: GPUBuffer;
}

export function recordPairwiseMax(recorder: Recorder, inputs: PairwiseMaxInputs): void {
  const { laterCount, earlierCount, dim } = inputs;
  if (laterCount === 0 || earlierCount === 0) return;
  recorder.dispatch("pairwise_max", {
    params: { later_count: laterCount, earlier_count: earlierCount, dim },
    bindings: {
      left: inputs.laterPanels,
      right: inputs.earlierPanels,
      later_ranks: inputs.laterRanks,
      later_starts: inputs.laterStarts,
      earlier_ranks: inputs.earlierRanks,
      scores: inputs.scores,
      indices: inputs.indices,
    },
    grid: foldGrid(divideUp(laterCount, panelRows)),
  });
}

/**
 * Scores of ranked unit rows on plain arrays that fit one binding: f32 score = max(0, largest dot product with an earlier
 * row of the group), u32 index of that row (earliest on ties, the row itself where no dot product reaches 0).
 * `starts` gives each row the index of its group's first row; one group when left out.
 */
export async function pairwiseMax(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  starts?: Uint32Array,
): Promise<{ scores: Float32Array; maxIndex: Uint32Array }> {
  const rowCount = rowCountOf(rows, dim);
  return await BufferScope.run(gpu, async (scope) => {
    const ownRanks = Uint32Array.from({ length: rowCount }, (_, row) => row);
    const rowBuffer = scope.upload("pairwise_max.rows", rows);
    const panels = scope.buffer("pairwise_max.panels", panelByteLength(rowCount, dim));
    const ranks = scope.upload("pairwise_max.ranks", ownRanks);
    const scores = scope.buffer("pairwise_max.scores", rowCount * 4);
    const indices = scope.upload("pairwise_max.indices", ownRanks);
    gpu.submit("pairwise_max", (recorder) => {
      recordPanelPack(recorder, { rows: rowBuffer, panels, rowCount, dim });
      recordPairwiseMax(recorder, {
        laterPanels: panels,
        laterRanks: ranks,
        laterStarts: scope.upload("pairwise_max.starts", starts ?? new Uint32Array(rowCount)),
        laterCount: rowCount,
        earlierPanels: panels,
        earlierRanks: ranks,
        earlierCount: rowCount,
        dim,
        scores,
        indices,
      });
    });
    return {
      scores: await gpu.readFloats(scores, rowCount),
      maxIndex: await gpu.readUints(indices, rowCount),
    };
  });
}
