// Pairwise scores of clusters whose rows and labels are on the device: rows are sorted by label and gathered, block by block of
// whole clusters, and each block is compared with itself. The order in a cluster is that of the rows. The host sees how many
// rows each cluster has, no more.
import { pairwiseMax } from "../../src/dedup/pairwise.ts";
import type { RowStore } from "../../src/dedup/row_store.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { BufferScope } from "../../src/kernels/buffer_scope.ts";
import { changesByteLength } from "../../src/kernels/cluster_changes.ts";
import { labelTileRows } from "../../src/kernels/kmeans_rank.ts";
import { type LabelSort, labelSortBuffers, recordLabelSort } from "../../src/kernels/label_sort.ts";
import { recordRowGather } from "../../src/kernels/row_gather.ts";
import { BenchShader } from "../bench_shader.ts";

export interface BlockScores {
  /** u32: the rows of the store, cluster after cluster. */
  readonly rows: Uint32Array;
  /** f32: the best product of each with an earlier row of its cluster where it reaches 1 - eps, else 0. */
  readonly scores: Float32Array;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

interface SortedChunk {
  readonly sort: LabelSort;
  readonly firstRow: number;
  /** u32, k + 1: where each cluster begins in the order of the chunk, and where the last one ends. */
  readonly bases: Uint32Array;
}

interface GatherInput {
  readonly store: RowStore;
  readonly labels: readonly GPUBuffer[];
  readonly chunks: readonly SortedChunk[];
  readonly sizes: Uint32Array;
  readonly span: Span;
  /** Rows of the span. */
  readonly rowCount: number;
}

export class ResidentPairwise {
  readonly #gpu: GpuContext;
  readonly #places: BenchShader;

  /** Compiles what the library does not have. */
  constructor(gpu: GpuContext) {
    this.#gpu = gpu;
    this.#places = new BenchShader(gpu, "cluster_places");
  }

  /** @param labels u32, below k, a buffer for each chunk of the store. */
  async run(
    store: RowStore,
    labels: readonly GPUBuffer[],
    k: number,
    eps: number,
  ): Promise<readonly BlockScores[]> {
    const gpu = this.#gpu;
    return await BufferScope.run(gpu, async (scope) => {
      const chunks = await sortChunks(gpu, scope, store, labels, k);
      const sizes = Uint32Array.from({ length: k }, (_, cluster) =>
        chunks.reduce((sum, { bases }) => sum + bases[cluster + 1]! - bases[cluster]!, 0),
      );
      const maxBlockBytes = store.chunkRows * store.dim * 4;
      const work = async (span: Span): Promise<BlockScores> => {
        const starts = startsOf(sizes.subarray(span.from, span.to));
        const input = { store, labels, chunks, sizes, span, rowCount: starts.length };
        const { gathered, rows } = await this.#gather(scope, input);
        const source = { rowCount: starts.length, read: () => gathered };
        const options = { starts, scores: "thresholded", eps, maxBlockBytes } as const;
        const { scores } = await pairwiseMax(gpu, source, store.dim, options);
        const read = await gpu.readUints(rows, starts.length);
        scope.release(rows);
        return { rows: read, scores };
      };
      const results: BlockScores[] = [];
      let last: Promise<BlockScores> | undefined;
      // The host plans a block while the device works the one before.
      for (const span of planBlocks(sizes, store.chunkRows)) {
        const next = work(span);
        if (last !== undefined) results.push(await last);
        last = next;
      }
      if (last !== undefined) results.push(await last);
      return results;
    });
  }

  /** The rows of whole clusters, side by side in a buffer that pairwiseMax ends, and which rows they are. */
  async #gather(
    scope: BufferScope,
    { store, labels, chunks, sizes, span, rowCount }: GatherInput,
  ): Promise<{ readonly gathered: GPUBuffer; readonly rows: GPUBuffer }> {
    const gpu = this.#gpu;
    const { dim, chunkRows } = store;
    const { from, to } = span;
    const gathered = gpu.buffer("bench.gathered", rowCount * dim * 4);
    const places = scope.buffer("bench.places", Math.min(rowCount, chunkRows) * 8);
    const rowsOf = scope.buffer("bench.rows_of", rowCount * 4);
    /** Rows of each cluster that earlier chunks have put in place. */
    const placed = new Uint32Array(to - from);
    await store.forEachChunk(({ rows, index }) => {
      const { sort, firstRow, bases } = chunks[index]!;
      const raises = new Uint32Array(sizes.length);
      for (let cluster = from, first = 0; cluster < to; cluster++) {
        raises[cluster] = first + placed[cluster - from]! - bases[cluster]!;
        placed[cluster - from]! += bases[cluster + 1]! - bases[cluster]!;
        first += sizes[cluster]!;
      }
      const count = bases[to]! - bases[from]!;
      if (count === 0) return;
      const raised = scope.upload("bench.raises", raises);
      const width = Math.min(Math.ceil(count / 256), 32_768);
      this.#places.submit({
        params: { count, first: bases[from]!, first_row: firstRow },
        buffers: [sort.order, labels[index]!, raised, places, rowsOf],
        grid: [width, Math.ceil(count / 256 / width)],
      });
      gpu.submit("bench.gather", (recorder) =>
        recordRowGather(recorder, { rows, places, count, dim, gathered }),
      );
      scope.release(raised);
    });
    scope.release(places);
    return { gathered, rows: rowsOf };
  }
}

/** Scores in the order of the rows of the store. */
export function scoresByRow(blocks: readonly BlockScores[], rowCount: number): Float32Array {
  const byRow = new Float32Array(rowCount);
  for (const { rows, scores } of blocks) {
    for (let place = 0; place < rows.length; place++) byRow[rows[place]!] = scores[place]!;
  }
  return byRow;
}

async function sortChunks(
  gpu: GpuContext,
  scope: BufferScope,
  store: RowStore,
  labels: readonly GPUBuffer[],
  k: number,
): Promise<SortedChunk[]> {
  const sorts: (Omit<SortedChunk, "bases"> & { readonly basesAt: number })[] = [];
  await store.forEachChunk(({ index, firstRow, rowCount }) => {
    const sort = labelSortBuffers(scope, rowCount, k);
    // As nothing is known of labels before, all rows come.
    const inputs = {
      ...sort,
      labels: labels[index]!,
      rowCount,
      clusterCount: k,
      previous: scope.buffer("bench.previous", rowCount * 4),
      changes: scope.buffer("bench.changes", changesByteLength(k)),
      moved: scope.buffer("bench.moved", 4),
    };
    gpu.submit("bench.sort", (recorder) => recordLabelSort(recorder, inputs));
    sorts.push({ sort, firstRow, basesAt: Math.ceil(rowCount / labelTileRows) * k });
  });
  const bases = sorts.map(({ sort, basesAt }) => gpu.readUints(sort.table, k + 1, basesAt));
  return await Promise.all(
    sorts.map(async ({ sort, firstRow }, i) => ({ sort, firstRow, bases: await bases[i]! })),
  );
}

/** Whole clusters together, [from, to), up to the rows that one buffer may hold. */
function planBlocks(sizes: Uint32Array, mostRows: number): Span[] {
  const blocks: { from: number; to: number }[] = [];
  let rowCount = Number.POSITIVE_INFINITY;
  for (const [cluster, size] of sizes.entries()) {
    if (size > mostRows)
      throw new RangeError(`Cannot compare a cluster that one buffer does not hold: ${mostRows} rows fit`);
    rowCount += size;
    if (rowCount > mostRows) {
      blocks.push({ from: cluster, to: cluster });
      rowCount = size;
    }
    blocks.at(-1)!.to = cluster + 1;
  }
  return blocks;
}

/** u32: for each row of the clusters one after the other, where its cluster begins. */
function startsOf(sizes: Uint32Array): Uint32Array {
  const starts = new Uint32Array(sizes.reduce((sum, size) => sum + size, 0));
  let first = 0;
  for (const size of sizes) {
    starts.fill(first, first, first + size);
    first += size;
  }
  return starts;
}
