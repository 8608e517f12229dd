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
  /** Workgroups that share the earlier rows of a panel. Default 1. */
  readonly splits?: number;
  /** f32, splits x laterCount: best dot product so far; 0 before the first dispatch. */
  readonly scores: GPUBuffer;
  /** u32, splits x laterCount: rank of the best row so far; the row's own rank before the first dispatch. */
  readonly indices: GPUBuffer;
}

/** The best of each row over the splits' scores and indices: the largest score, then the lowest index. */
export function bestOfSplits(
  scores: Float32Array,
  indices: Uint32Array,
  rowCount: number,
): { readonly scores: Float32Array; readonly indices: Uint32Array } {
  if (scores.length === rowCount) return { scores, indices };
  const best = { scores: scores.slice(0, rowCount), indices: indices.slice(0, rowCount) };
  for (let at = rowCount; at < scores.length; at++) {
    const row = at % rowCount;
    const [score, index] = [scores[at]!, indices[at]!];
    if (score > best.scores[row]! || (score === best.scores[row]! && index < best.indices[row]!)) {
      best.scores[row] = score;
      best.indices[row] = index;
    }
  }
  return best;
}

export function recordPairwiseMax(recorder: Recorder, inputs: PairwiseMaxInputs): void {
  const { laterCount, earlierCount, dim, splits = 1 } = inputs;
  if (laterCount === 0 || earlierCount === 0) return;
  recorder.dispatch("pairwise_max", {
    params: { later_count: laterCount, earlier_count: earlierCount, dim, splits },
    bindings: {
      left: inputs.laterPanels,
      right: inputs.earlierPanels,
      later_ranks: inputs.laterRanks,
      later_starts: inputs.laterStarts,
      earlier_ranks: inputs.earlierRanks,
      scores: inputs.scores,
      indices: inputs.indices,
    },
    grid: foldGrid(divideUp(laterCount, panelRows) * splits),
  });
}

/**
 * Scores of ranked unit rows on plain arrays that fit one binding: f32 score = max(0, largest dot product with an earlier
 * row of the group), u32 index of that row (earliest on ties, the row itself where no dot product reaches 0).
 * `starts` gives each row the index of its group's first row; one group when left out. `splits`: see PairwiseMaxInputs.
 */
export async function pairwiseMax(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  starts?: Uint32Array,
  splits: number = 1,
): Promise<{ scores: Float32Array; maxIndex: Uint32Array }> {
  const rowCount = rowCountOf(rows, dim);
  return await BufferScope.run(gpu, async (scope) => {
    const ownRanks = Uint32Array.from({ length: rowCount }, (_, row) => row);
    const rowBuffer = scope.upload("pairwise_max.rows", rows);
    const panels = scope.buffer("pairwise_max.panels", panelByteLength(rowCount, dim));
    const ranks = scope.upload("pairwise_max.ranks", ownRanks);
    const scores = scope.buffer("pairwise_max.scores", rowCount * splits * 4);
    const indices = scope.upload("pairwise_max.indices", repeated(ownRanks, splits));
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
        splits,
        scores,
        indices,
      });
    });
    const best = bestOfSplits(
      await gpu.readFloats(scores, rowCount * splits),
      await gpu.readUints(indices, rowCount * splits),
      rowCount,
    );
    return { scores: best.scores, maxIndex: best.indices };
  });
}

/** `count` copies of an array, one after the other. */
export function repeated(values: Uint32Array, count: number): Uint32Array {
  if (count === 1) return values;
  const copies = new Uint32Array(values.length * count);
  for (let copy = 0; copy < count; copy++) copies.set(values, copy * values.length);
  return copies;
}
