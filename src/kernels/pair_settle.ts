// Kernel pair_settle: of the pairs that have their later row's score, the lowest earlier rank.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { BufferScope } from "./buffer_scope.ts";
import { candidatesOf, pairGrid } from "./pair_score.ts";

export interface PairSettleInputs {
  /** Rank of the first of the earlier rows. */
  readonly earlierFirst: number;
  /** Candidates and their scores as pair_score leaves them. */
  readonly candidates: GPUBuffer;
  readonly capacity: number;
  /** Most pairs that there can be, where it is known. Default capacity. */
  readonly mostPairs?: number | undefined;
  readonly pairScores: GPUBuffer;
  /** f32, one for each later row: its largest score. */
  readonly scores: GPUBuffer;
  /** u32, one for each later row: lowered to the rank of the first row with that score. */
  readonly indices: GPUBuffer;
}

export function recordPairSettle(recorder: Recorder, inputs: PairSettleInputs): void {
  const { earlierFirst, capacity, candidates, pairScores, scores, indices } = inputs;
  const { mostPairs = capacity } = inputs;
  recorder.dispatch("pair_settle", {
    params: { earlier_first: earlierFirst, capacity },
    bindings: { candidates, pair_scores: pairScores, scores, indices },
    grid: pairGrid(Math.min(capacity, mostPairs)),
  });
}

/** Lowers `indices` by the pairs (u32, later and earlier row of each) whose score is their later row's, on plain arrays. */
export async function pairSettle(
  gpu: GpuContext,
  pairs: Uint32Array,
  pairScores: Float32Array,
  scores: Float32Array,
  indices: Uint32Array,
): Promise<Uint32Array> {
  return await BufferScope.run(gpu, async (scope) => {
    const settled = scope.upload("pair_settle.indices", indices);
    gpu.submit("pair_settle", (recorder) =>
      recordPairSettle(recorder, {
        earlierFirst: 0,
        candidates: scope.upload("pair_settle.candidates", candidatesOf(pairs)),
        capacity: pairs.length / 2,
        pairScores: scope.upload("pair_settle.pair_scores", pairScores),
        scores: scope.upload("pair_settle.scores", scores),
        indices: settled,
      }),
    );
    return await gpu.readUints(settled, indices.length);
  });
}
