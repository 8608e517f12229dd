// Clustered rows with near-duplicates among them, eps 0.05: the whole triangle of each cluster counts as work, whatever is
// pruned, so the rate compares with pairwise_max.
import { thresholdOf } from "../src/dedup/threshold.ts";
import { planTiles, tileLists } from "../src/dedup/tile_plan.ts";
import type { GpuContext } from "../src/gpu/context.ts";
import {
  candidateHead,
  candidatesByteLength,
  chunksOfTile,
  recordPairwiseScreen,
  recordScreenRows,
  type ScreenRows,
  screenForm,
} from "../src/kernels/pairwise_screen.ts";
import { embeddingRows, originalOf, plannedDefaults, plantedRows } from "./embedding_data.ts";
import { type Bench, type BenchOptions, type BenchRow, measure } from "./harness.ts";

const threshold = thresholdOf(0.05);

export const run: Bench = async (gpu, options) => {
  const rows: BenchRow[] = [];
  const groups = options.quick ? [100] : gpu.adapter.software ? [333, 4000] : [1000, 20_000];
  for (const groupRows of groups) rows.push(await measureGroups(gpu, options, groupRows));
  return rows;
};

async function measureGroups(gpu: GpuContext, { quick }: BenchOptions, groupRows: number): Promise<BenchRow> {
  const [most, dim] = quick ? [500, 64] : gpu.adapter.software ? [8000, 512] : [200_000, 512];
  const rowCount = Math.floor(most / groupRows) * groupRows;
  const plan = { ...plannedDefaults, rowCount, dim, groupRows };
  const capacity = 2 ** 20;
  let workedShare = 0;
  let candidateCount = 0;
  const row = await measure(gpu, (scope) => {
    const source = scope.upload("bench.rows", embeddingRows(plan));
    const form = screenForm(gpu, dim);
    const block = { firstRank: 0, rowCount };
    let screened: ScreenRows | undefined;
    gpu.submit("bench.pack", (recorder) => {
      screened = { ...block, ...recordScreenRows(recorder, scope, { rows: source, rowCount, dim, form }) };
    });
    const starts = Uint32Array.from({ length: rowCount }, (_, rank) => rank - (rank % groupRows));
    const [tiles = new Uint32Array(0)] = tileLists(
      planTiles(block, starts, block, form.tileRows),
      Number.POSITIVE_INFINITY,
    );
    const candidates = scope.buffer("bench.candidates", candidatesByteLength(capacity));
    const zeros = scope.buffer("bench.zeros", candidateHead * 4);
    const inputs = {
      later: screened!,
      earlier: screened!,
      laterStarts: scope.upload("bench.starts", starts),
      dim,
      chunk: form.chunk,
      tiles: scope.upload("bench.tiles", tiles),
      tileCount: tiles.length / 2,
      threshold,
      candidates,
      capacity,
    };
    return {
      name: "pairwise_screen",
      size: `${rowCount} x ${dim}, clusters of ${groupRows}`,
      quick,
      flops: rowCount * (groupRows - 1) * dim,
      run: () =>
        gpu.submit("bench", (recorder) => {
          recorder.copy(zeros, { buffer: candidates, offset: 0, size: zeros.size }, zeros.size);
          recordPairwiseScreen(recorder, inputs);
        }),
      check: async () => {
        const [count = 0, chunks = 0] = await gpu.readUints(candidates, candidateHead);
        candidateCount = count;
        workedShare = chunks / (inputs.tileCount * chunksOfTile(dim, form.chunk));
        if (count > capacity) return false;
        const pairs = await gpu.readUints(candidates, count * 2, candidateHead);
        const found = new Set<number>();
        for (let at = 0; at < pairs.length; at += 2) found.add(pairs[at]! * rowCount + pairs[at + 1]!);
        return plantedRows(plan).every((later) => found.has(later * rowCount + originalOf(plan, later)));
      },
    };
  });
  return { ...row, details: { workedShare, candidates: candidateCount } };
}
