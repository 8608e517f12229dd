// Prefix sums over the clusters, by one workgroup: waiting for memory limits it.
import { recordKmeansBases } from "../src/kernels/kmeans_bases.ts";
import { kmeansBases } from "../src/reference/kmeans_bases.ts";
import { type Bench, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const rows = [];
  for (const clusterCount of quick ? [300] : [1000, 65_536]) {
    const totals = Uint32Array.from({ length: clusterCount }, (_, cluster) => (cluster * 7919) % 1000);
    rows.push(
      await measure(gpu, (scope) => {
        const source = scope.upload("bench.totals", totals);
        const table = scope.buffer("bench.table", totals.byteLength + 4);
        return {
          name: "kmeans_bases",
          size: `k ${clusterCount}`,
          quick,
          bytes: 2 * totals.byteLength,
          run: () =>
            gpu.submit("bench", (recorder) => {
              recorder.copy(source, table, totals.byteLength);
              recordKmeansBases(recorder, { table, clusterCount, tileCount: 0 });
            }),
          check: async () => closeTo(await gpu.readUints(table, clusterCount + 1), kmeansBases(totals), 0),
        };
      }),
    );
  }
  return rows;
};
