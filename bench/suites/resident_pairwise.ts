// Pairwise scores of clusters whose rows are on the device: rows are gathered cluster by cluster into blocks that hold whole
// clusters, and each block is compared with itself. The order in a cluster is that of the rows.
import { pairwiseMax } from "../../src/dedup/pairwise.ts";
import type { RowStore } from "../../src/dedup/row_store.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { BufferScope } from "../../src/kernels/buffer_scope.ts";
import { recordRowGather } from "../../src/kernels/row_gather.ts";

interface Block {
  /** Place of the block's first row in the order of clusters, and its rows. */
  readonly first: number;
  readonly rowCount: number;
}

/** f32, one for each row of the store: the best product with an earlier row of its cluster where it reaches 1 - eps, else 0. */
export async function residentPairwise(
  gpu: GpuContext,
  store: RowStore,
  labels: Uint32Array,
  k: number,
  eps: number,
): Promise<Float32Array> {
  const { dim, chunkRows, rowCount } = store;
  const { order, starts, bounds } = sortByLabel(labels, k);
  const blocks = planBlocks(bounds, chunkRows);
  return await BufferScope.run(gpu, async (scope) => {
    const gathered = blocks.map((block) => gpu.buffer("bench.gathered", block.rowCount * dim * 4));
    // (row of the chunk, row of the block) for each chunk and block.
    const chunkCount = Math.ceil(rowCount / chunkRows);
    const places = blocks.map((block) => placesOf(order, block, chunkRows, chunkCount));
    await store.forEachChunk(({ rows, index }) => {
      for (const [i, block] of gathered.entries()) {
        const pairs = places[i]![index]!;
        if (pairs.length === 0) continue;
        const uploaded = scope.upload("bench.places", pairs);
        gpu.submit("bench.gather", (recorder) =>
          recordRowGather(recorder, {
            rows,
            places: uploaded,
            count: pairs.length / 2,
            dim,
            gathered: block,
          }),
        );
        scope.release(uploaded);
      }
    });
    const result = new Float32Array(rowCount);
    for (const [i, { first, rowCount: count }] of blocks.entries()) {
      const ownStarts = starts.subarray(first, first + count).map((start) => start - first);
      const { scores } = await pairwiseMax(gpu, { rowCount: count, read: () => gathered[i]! }, dim, {
        starts: ownStarts,
        scores: "thresholded",
        eps,
        maxBlockBytes: chunkRows * dim * 4,
      });
      for (let row = 0; row < count; row++) result[order[first + row]!] = scores[row]!;
    }
    return result;
  });
}

/** Rows by label, then by index (a counting sort); the place where each row's cluster begins, and the k + 1 bounds. */
function sortByLabel(
  labels: Uint32Array,
  k: number,
): { order: Uint32Array; starts: Uint32Array; bounds: Uint32Array } {
  const bounds = new Uint32Array(k + 1);
  for (const label of labels) bounds[label + 1]!++;
  for (let cluster = 0; cluster < k; cluster++) bounds[cluster + 1]! += bounds[cluster]!;
  const next = bounds.slice();
  const order = new Uint32Array(labels.length);
  const starts = new Uint32Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    const place = next[labels[row]!]!++;
    order[place] = row;
    starts[place] = bounds[labels[row]!]!;
  }
  return { order, starts, bounds };
}

/** Whole clusters together, up to the rows that one buffer may hold. */
function planBlocks(bounds: Uint32Array, mostRows: number): Block[] {
  const blocks: Block[] = [];
  let first = 0;
  for (let cluster = 1; cluster < bounds.length; cluster++) {
    if (bounds[cluster]! - bounds[cluster - 1]! > mostRows)
      throw new RangeError(`Cannot compare a cluster that one buffer does not hold: ${mostRows} rows fit`);
    const isLast = cluster === bounds.length - 1;
    if (!isLast && bounds[cluster + 1]! - first <= mostRows) continue;
    if (bounds[cluster]! > first) blocks.push({ first, rowCount: bounds[cluster]! - first });
    first = bounds[cluster]!;
  }
  return blocks;
}

function placesOf(order: Uint32Array, block: Block, chunkRows: number, chunkCount: number): Uint32Array[] {
  const counts = new Uint32Array(chunkCount);
  const rows = order.subarray(block.first, block.first + block.rowCount);
  for (const row of rows) counts[Math.floor(row / chunkRows)]! += 2;
  const places = Array.from(counts, (count) => new Uint32Array(count));
  const next = new Uint32Array(chunkCount);
  for (const [place, row] of rows.entries()) {
    const chunk = Math.floor(row / chunkRows);
    const at = next[chunk]!;
    places[chunk]![at] = row % chunkRows;
    places[chunk]![at + 1] = place;
    next[chunk] = at + 2;
  }
  return places;
}
