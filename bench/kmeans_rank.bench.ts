// Ranks rows among those of their tile with the same label: about 525,000 comparisons for each tile of 1024 rows, or one
// walk over them. Memory is what it should be limited by: labels are read, ranks and labels written.
import { changesByteLength } from "../src/kernels/cluster_changes.ts";
import { recordKmeansRank } from "../src/kernels/kmeans_rank.ts";
import { kmeansRank } from "../src/reference/kmeans_rank.ts";
import { type Bench, closeTo, measure } from "./harness.ts";
import { labelSizes, skewedLabels } from "./labels.ts";

export const run: Bench = async (gpu, { quick }) => {
  const rows = [];
  for (const [rowCount, clusterCount] of labelSizes(gpu, quick)) {
    const labelValues = skewedLabels(rowCount, clusterCount);
    rows.push(
      await measure(gpu, (scope) => {
        const tableWords = Math.ceil(rowCount / 1024) * clusterCount;
        const inputs = {
          labels: scope.upload("bench.labels", labelValues),
          rowCount,
          clusterCount,
          previous: scope.buffer("bench.previous", rowCount * 4),
          changes: scope.buffer("bench.changes", changesByteLength(clusterCount)),
          ranks: scope.buffer("bench.ranks", rowCount * 4),
          table: scope.buffer("bench.table", tableWords * 4),
          moved: scope.buffer("bench.moved", 4),
        };
        return {
          name: "kmeans_rank",
          size: `${rowCount}, k ${clusterCount}`,
          quick,
          bytes: 4 * rowCount * 4,
          run: () =>
            gpu.submit("bench", (recorder) => {
              recorder.clear(inputs.table);
              recordKmeansRank(recorder, inputs);
            }),
          check: async () => {
            const expected = kmeansRank(labelValues, clusterCount);
            return (
              closeTo(await gpu.readUints(inputs.ranks, rowCount), expected.ranks, 0) &&
              closeTo(await gpu.readUints(inputs.table, tableWords), expected.counts, 0)
            );
          },
        };
      }),
    );
  }
  return rows;
};
