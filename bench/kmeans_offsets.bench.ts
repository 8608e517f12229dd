// Prefix sums down the columns of a table: each count is read and written once; memory limits it.
import { recordKmeansOffsets } from "../src/kernels/kmeans_offsets.ts";
import { kmeansOffsets } from "../src/reference/kmeans_offsets.ts";
import { type Bench, closeTo, measure } from "./harness.ts";
import { labelSizes } from "./labels.ts";

export const run: Bench = async (gpu, { quick }) => {
  const rows = [];
  for (const [rowCount, clusterCount] of labelSizes(gpu, quick)) {
    const tileCount = Math.ceil(rowCount / 1024);
    const counts = Uint32Array.from({ length: tileCount * clusterCount }, (_, at) => (at * 7919) % 5);
    rows.push(
      await measure(gpu, (scope) => {
        const source = scope.upload("bench.counts", counts);
        const table = scope.buffer("bench.table", counts.byteLength + clusterCount * 4);
        return {
          name: "kmeans_offsets",
          size: `${tileCount} tiles, k ${clusterCount}`,
          quick,
          bytes: 2 * counts.byteLength,
          // The table is overwritten, so each run begins with a copy, which is timed too.
          run: () =>
            gpu.submit("bench", (recorder) => {
              recorder.copy(source, table, counts.byteLength);
              recordKmeansOffsets(recorder, { table, clusterCount, tileCount });
            }),
          check: async () =>
            closeTo(
              await gpu.readUints(table, counts.length + clusterCount),
              kmeansOffsets(counts, clusterCount),
              0,
            ),
        };
      }),
    );
  }
  return rows;
};
