// Scores of clusters that are asked for one by one and worked together: whatever waits when the device is free goes there
// as one batch, so that a small cluster costs no submission and no read-back of its own. Nothing waits for company.
import { type PairwiseOptions, type PairwiseScores, pairwiseMany } from "../dedup/pairwise.ts";
import type { GpuContext } from "../gpu/context.ts";

interface Request {
  readonly rows: Float32Array;
  readonly dimension: number;
  readonly resolve: (scores: PairwiseScores) => void;
  readonly reject: (reason: unknown) => void;
}

export class PairwiseQueue {
  readonly #options: PairwiseOptions;
  #waiting: Request[] = [];
  #busy = false;

  constructor(options: PairwiseOptions = {}) {
    this.#options = options;
  }

  /** @param rows f32, rows x dimension, ranked. Rejects as the device and the signal do. */
  score(
    device: () => Promise<GpuContext>,
    rows: Float32Array,
    dimension: number,
    signal: AbortSignal,
  ): Promise<PairwiseScores> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, dimension, resolve, reject });
      if (!this.#busy) void this.#work(device, signal);
    });
  }

  async #work(device: () => Promise<GpuContext>, signal: AbortSignal): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const [{ dimension }] = this.#waiting as [Request];
      const batch = this.#waiting.filter((request) => request.dimension === dimension);
      this.#waiting = this.#waiting.filter((request) => request.dimension !== dimension);
      try {
        const clusters = batch.map(({ rows }) => rows);
        const scores = await pairwiseMany(await device(), clusters, dimension, {
          ...this.#options,
          signal,
        });
        for (const [index, { resolve }] of batch.entries()) resolve(scores[index]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#busy = false;
  }
}
