// Writes each row's index to its place: scattered writes of 4 bytes; memory limits it.
import { changesByteLength } from "../src/kernels/cluster_changes.ts";
import { recordKmeansScatter } from "../src/kernels/kmeans_scatter.ts";
import { labelSortBuffers, recordLabelSort } from "../src/kernels/label_sort.ts";
import { kmeansScatter } from "../src/reference/kmeans_scatter.ts";
import { type Bench, closeTo, measure } from "./harness.ts";
import { labelSizes, skewedLabels } from "./labels.ts";

export const run: Bench = async (gpu, { quick }) => {
  const rows = [];
  for (const [rowCount, clusterCount] of labelSizes(gpu, quick)) {
    const labelValues = skewedLabels(rowCount, clusterCount);
    rows.push(
      await measure(gpu, (scope) => {
        const inputs = {
          ...labelSortBuffers(scope, rowCount, clusterCount),
          labels: scope.upload("bench.labels", labelValues),
          rowCount,
          clusterCount,
          previous: scope.buffer("bench.previous", rowCount * 4),
          changes: scope.buffer("bench.changes", changesByteLength(clusterCount)),
        };
        gpu.submit("bench.sort", (recorder) =>
          recordLabelSort(recorder, {
            ...inputs,
            moved: scope.buffer("bench.moved", 4),
          }),
        );
        return {
          name: "kmeans_scatter",
          size: `${rowCount}, k ${clusterCount}`,
          quick,
          bytes: 3 * rowCount * 4,
          run: () => gpu.submit("bench", (recorder) => recordKmeansScatter(recorder, inputs)),
          check: async () =>
            closeTo(await gpu.readUints(inputs.order, rowCount), kmeansScatter(labelValues), 0),
        };
      }),
    );
  }
  return rows;
};
