// Kernel pair_score: exact dot products of candidate pairs, and the largest of each later row.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, type Grid } from "../gpu/grid.ts";
import type { VariantName } from "../gpu/kernel.ts";
import { BufferScope } from "./buffer_scope.ts";
import { candidateHead, candidatesByteLength } from "./pairwise_screen.ts";
import { rowCountOf } from "./row_count.ts";

export interface PairScoreInputs {
  /** f32, the later and the earlier rows, as they lie. */
  readonly laterRows: GPUBuffer;
  readonly earlierRows: GPUBuffer;
  readonly dim: number;
  /** Smallest dot product that counts, an f32 above 0. */
  readonly threshold: number;
  /** Candidates as pairwise_screen leaves them; those past the capacity are passed over. */
  readonly candidates: GPUBuffer;
  readonly capacity: number;
  /** Most pairs that there can be, where it is known. Default capacity. */
  readonly mostPairs?: number | undefined;
  /** f32, capacity: dot product of each pair, -1 below the threshold. */
  readonly pairScores: GPUBuffer;
  /** f32, one for each later row: largest so far; 0 or above before. */
  readonly scores: GPUBuffer;
  /** u32, one for each later row: 0xffffffff where the score rises. */
  readonly indices: GPUBuffer;
  /** "wide" needs a dimension that is a multiple of 4. Default: "wide" where it may be. */
  readonly variant?: VariantName<"pair_score"> | undefined;
}

/** A grid whose invocations stride over pairs of which the host knows only how many there are at most. */
export function pairGrid(mostPairs: number): Grid {
  return [Math.min(divideUp(Math.max(mostPairs, 1), 64), 2048), 1, 1];
}

export function recordPairScore(recorder: Recorder, inputs: PairScoreInputs): void {
  const { dim, threshold, capacity, candidates, pairScores, scores, indices } = inputs;
  const { mostPairs = capacity } = inputs;
  recorder.dispatch("pair_score", {
    params: { dim, threshold, capacity },
    bindings: {
      left: inputs.laterRows,
      right: inputs.earlierRows,
      candidates,
      pair_scores: pairScores,
      scores,
      indices,
    },
    grid: pairGrid(Math.min(capacity, mostPairs)),
    variant: inputs.variant ?? (dim % 4 === 0 ? "wide" : "plain"),
  });
}

/** Candidates as pairwise_screen would leave them: `pairs` is u32, later and earlier row of each. */
export function candidatesOf(pairs: Uint32Array): Uint32Array {
  const candidates = new Uint32Array(candidatesByteLength(pairs.length / 2) / 4);
  candidates[0] = pairs.length / 2;
  candidates.set(pairs, candidateHead);
  return candidates;
}

/**
 * Dot products of pairs of rows (u32, later and earlier row of each) on plain arrays, -1 below the threshold, and the largest
 * of each later row, 0 where it has none.
 */
export async function pairScore(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  pairs: Uint32Array,
  threshold: number,
  variant?: VariantName<"pair_score">,
): Promise<{ pairScores: Float32Array; scores: Float32Array }> {
  const rowCount = rowCountOf(rows, dim);
  const capacity = pairs.length / 2;
  return await BufferScope.run(gpu, async (scope) => {
    const source = scope.upload("pair_score.rows", rows);
    const pairScores = scope.buffer("pair_score.pair_scores", capacity * 4);
    const scores = scope.buffer("pair_score.scores", rowCount * 4);
    gpu.submit("pair_score", (recorder) => {
      recordPairScore(recorder, {
        laterRows: source,
        earlierRows: source,
        dim,
        threshold,
        candidates: scope.upload("pair_score.candidates", candidatesOf(pairs)),
        capacity,
        pairScores,
        scores,
        indices: scope.buffer("pair_score.indices", rowCount * 4),
        variant,
      });
    });
    return {
      pairScores: await gpu.readFloats(pairScores, capacity),
      scores: await gpu.readFloats(scores, rowCount),
    };
  });
}
