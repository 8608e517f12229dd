// Pairs of rows that reach a threshold, from blocks on the device: screen, score, settle, tile list by tile list. Candidates
// go to one bounded buffer. A list whose candidates do not fit is worked again in parts, so nothing is lost and memory stays
// what it was; what the first pass has scored by then does no harm, as a pair counts the same however often it comes.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { recordPairScore } from "../kernels/pair_score.ts";
import { recordPairSettle } from "../kernels/pair_settle.ts";
import {
  candidateHead,
  candidatesByteLength,
  chunksOfTile,
  recordPairwiseScreen,
  type ScreenForm,
  screenForm,
} from "../kernels/pairwise_screen.ts";
import type { RankedBlock } from "./ranked_block.ts";
import { planTiles, tileLists } from "./tile_plan.ts";

export interface PairScreenOptions {
  /** Candidates held at once. Default 16 for each row, from 65,536 (2,097,152 on a GPU) to 4,194,304 (48 MiB); at least those of one tile. */
  readonly maxPairs?: number | undefined;
  /** Tiles of one submission. Default 131,072; 8,192 on software, which takes seconds for them. */
  readonly maxTiles?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Pairs and their exact scores, in no order. */
export interface PairBatch {
  /** u32, rank of the later and of the earlier row of each pair. */
  readonly ranks: Uint32Array;
  /** f32, -1 where the pair does not reach the threshold. */
  readonly scores: Float32Array;
}

/** What the screen has done so far. */
export interface ScreenCounts {
  tiles: number;
  /** Chunks of dimensions worked, and those that the tiles have. */
  workedChunks: number;
  allChunks: number;
  candidates: number;
  repeatedLists: number;
}

const headBytes = candidateHead * 4;
/** Lists that are submitted before their counts are looked at, and before a signal is. */
const listsAhead = { software: 2, gpu: 16 };
/** Candidates that the buffer always has room for; a pass over a list again costs a GPU more than memory. */
const leastPairs = { software: 2 ** 16, gpu: 2 ** 21 };
const defaultTiles = { software: 2 ** 13, gpu: 2 ** 17 };
/** From this share of all pairs on, comparing them all costs less than scoring candidates one by one. */
const denseShare = 1 / 16;

export class PairScreen {
  readonly counts: ScreenCounts = {
    tiles: 0,
    workedChunks: 0,
    allChunks: 0,
    candidates: 0,
    repeatedLists: 0,
  };
  /** What blocks are made for. */
  readonly form: ScreenForm;
  readonly #gpu: GpuContext;
  readonly #tilePairs: number;
  readonly #dim: number;
  readonly #threshold: number;
  readonly #capacity: number;
  readonly #maxTiles: number;
  readonly #listsAhead: number;
  readonly #signal: AbortSignal | undefined;
  readonly #scope: BufferScope;
  readonly #candidates: GPUBuffer;
  readonly #pairScores: GPUBuffer;
  readonly #tiles: GPUBuffer;
  readonly #heads: GPUBuffer;
  readonly #zeros: GPUBuffer;

  /**
   * @param rowCount rows of the largest block.
   * @param threshold smallest similarity that counts, an f32 above 0.
   */
  constructor(
    gpu: GpuContext,
    rowCount: number,
    dim: number,
    threshold: number,
    options: PairScreenOptions = {},
  ) {
    this.#gpu = gpu;
    this.#dim = dim;
    this.#threshold = threshold;
    this.form = screenForm(gpu, dim);
    this.#tilePairs = this.form.tileRows ** 2;
    const kind = gpu.adapter.software ? "software" : "gpu";
    this.#capacity = Math.max(
      this.#tilePairs,
      options.maxPairs ?? Math.min(Math.max(leastPairs[kind], rowCount * 16), 2 ** 22),
    );
    this.#listsAhead = listsAhead[kind];
    this.#maxTiles = options.maxTiles ?? defaultTiles[kind];
    this.#signal = options.signal;
    this.#scope = new BufferScope(gpu);
    this.#candidates = this.#scope.buffer("pair_screen.candidates", candidatesByteLength(this.#capacity));
    this.#pairScores = this.#scope.buffer("pair_screen.scores", this.#capacity * 4);
    this.#tiles = this.#scope.buffer("pair_screen.tiles", this.#maxTiles * 8);
    this.#heads = this.#scope.buffer("pair_screen.heads", this.#listsAhead * headBytes);
    this.#zeros = this.#scope.buffer("pair_screen.zeros", headBytes);
  }

  /**
   * Raises the later block's scores and indices by all pairs that reach the threshold. False where so many do that
   * pairwise_max is the better way; what was raised by then is right.
   */
  async raise(later: RankedBlock, earlier: RankedBlock): Promise<boolean> {
    const planned = this.#plan(later, earlier);
    const again: Uint32Array[] = [];
    for (;;) {
      this.#signal?.throwIfAborted();
      const lists: { readonly list: Uint32Array; readonly isPart: boolean }[] = [];
      while (lists.length < this.#listsAhead) {
        const part = again.pop();
        const list = part ?? planned.next().value;
        if (list === undefined) break;
        lists.push({ list, isPart: part !== undefined });
        this.#submit(later, earlier, list, lists.length - 1);
      }
      if (lists.length === 0) return true;
      const heads = await this.#gpu.readUints(this.#heads, lists.length * candidateHead);
      for (const [slot, { list, isPart }] of lists.entries()) {
        const count = this.#count(list, heads, slot);
        if (count <= this.#capacity) continue;
        if (!isPart && count > (list.length / 2) * this.#tilePairs * denseShare) return false;
        again.push(...this.#parts(list, count));
      }
    }
  }

  /** All pairs that reach the threshold, each once. */
  async *pairs(later: RankedBlock, earlier: RankedBlock): AsyncGenerator<PairBatch> {
    const planned = this.#plan(later, earlier);
    const again: Uint32Array[] = [];
    for (;;) {
      this.#signal?.throwIfAborted();
      const list = again.pop() ?? planned.next().value;
      if (list === undefined) return;
      this.#submit(later, earlier, list, 0);
      const count = this.#count(list, await this.#gpu.readUints(this.#heads, candidateHead), 0);
      if (count > this.#capacity) {
        again.push(...this.#parts(list, count));
        continue;
      }
      const ranks = await this.#gpu.readUints(this.#candidates, count * 2, candidateHead);
      for (let at = 0; at < ranks.length; at += 2) {
        ranks[at]! += later.firstRank;
        ranks[at + 1]! += earlier.firstRank;
      }
      yield { ranks, scores: await this.#gpu.readFloats(this.#pairScores, count) };
    }
  }

  destroy(): void {
    this.#scope.destroy();
  }

  #plan(later: RankedBlock, earlier: RankedBlock): Generator<Uint32Array, undefined> {
    const spans = planTiles(later, later.groupStarts, earlier, this.form.tileRows);
    return tileLists(spans, this.#maxTiles);
  }

  #submit(later: RankedBlock, earlier: RankedBlock, list: Uint32Array, slot: number): void {
    this.#gpu.write(this.#tiles, 0, list);
    const [laterRows, earlierRows] = [later.asScreened, earlier.asScreened];
    const candidates = this.#candidates;
    const capacity = this.#capacity;
    const mostPairs = (list.length / 2) * this.#tilePairs;
    const shared = { candidates, capacity, mostPairs, pairScores: this.#pairScores };
    const { scores, indices } = later.best;
    this.#gpu.submit("pair_screen", (recorder: Recorder) => {
      recorder.copy(this.#zeros, { buffer: candidates, offset: 0, size: headBytes }, headBytes);
      recordPairwiseScreen(recorder, {
        later: laterRows,
        earlier: earlierRows,
        laterStarts: later.starts,
        dim: this.#dim,
        chunk: this.form.chunk,
        tiles: this.#tiles,
        tileCount: list.length / 2,
        threshold: this.#threshold,
        candidates,
        capacity,
      });
      recordPairScore(recorder, {
        ...shared,
        laterRows: later.rows,
        earlierRows: earlier.rows,
        dim: this.#dim,
        threshold: this.#threshold,
        scores,
        indices,
      });
      recordPairSettle(recorder, { ...shared, earlierFirst: earlier.firstRank, scores, indices });
      recorder.copy(
        { buffer: candidates, offset: 0, size: headBytes },
        { buffer: this.#heads, offset: slot * headBytes, size: headBytes },
        headBytes,
      );
    });
  }

  #count(list: Uint32Array, heads: Uint32Array, slot: number): number {
    const [count = 0, chunks = 0] = heads.subarray(slot * candidateHead);
    const tileChunks = (list.length / 2) * chunksOfTile(this.#dim, this.form.chunk);
    this.counts.tiles += list.length / 2;
    this.counts.workedChunks += chunks;
    this.counts.allChunks += tileChunks;
    this.counts.candidates += count;
    return count;
  }

  /** Parts of a list that are likely to fit; a single tile always does. */
  #parts(list: Uint32Array, count: number): Uint32Array[] {
    this.counts.repeatedLists++;
    const parts = Math.ceil((1.5 * count) / this.#capacity);
    const size = Math.max(1, Math.floor(list.length / 2 / parts)) * 2;
    return Array.from({ length: Math.ceil(list.length / size) }, (_, part) =>
      list.subarray(part * size, (part + 1) * size),
    );
  }
}
