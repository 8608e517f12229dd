// The heart of k-means: 2 x rows x centroids x dimensions operations. Panels are packed before, as the rows of a pass are.
import { kmeansAssign, kmeansAssignLayout, recordKmeansAssign } from "../src/kernels/kmeans_assign.ts";
import { panelByteLength, recordPanelPack } from "../src/kernels/panel_pack.ts";
import { kmeansAssign as reference } from "../src/reference/kmeans_assign.ts";
import { halfNormsOf } from "./half_norms.ts";
import { type Bench, type BenchRow, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const shapes: readonly (readonly [rowCount: number, k: number, dim: number])[] = quick
    ? [[1000, 100, 64]]
    : gpu.adapter.software
      ? [[20_000, 1000, 512]]
      : [
          [20_000, 1000, 512],
          [262_144, 1000, 512],
        ];
  const rows: BenchRow[] = [];
  for (const [rowCount, k, dim] of shapes) {
    const values = benchValues(rowCount * dim, 1);
    const centers = benchValues(k * dim, 2);
    rows.push(
      await measure(gpu, (scope) => {
        const laidOut = (name: string, data: Float32Array, count: number): GPUBuffer => {
          const source = scope.upload(`bench.${name}`, data);
          if (kmeansAssignLayout(gpu, dim) === "rows") return source;
          const panels = scope.buffer(`bench.${name}_panels`, panelByteLength(count, dim));
          gpu.submit("bench.pack", (recorder) =>
            recordPanelPack(recorder, { rows: source, panels, rowCount: count, dim }),
          );
          scope.release(source);
          return panels;
        };
        const inputs = {
          rows: laidOut("rows", values, rowCount),
          rowCount,
          dim,
          centroids: laidOut("centroids", centers, k),
          centroidCount: k,
          halfNorms: halfNormsOf(gpu, scope, centers, k, dim),
          labels: scope.buffer("bench.labels", rowCount * 4),
          distances: scope.buffer("bench.distances", rowCount * 4),
        };
        return {
          name: "kmeans_assign",
          size: `${rowCount} x ${dim}, k ${k}`,
          quick,
          flops: 2 * rowCount * k * dim,
          run: () => gpu.submit("bench", (recorder) => recordKmeansAssign(recorder, inputs)),
          check: async () => {
            const sample = values.subarray(0, 64 * dim);
            const expected = reference(sample, centers, dim).distances;
            return (
              closeTo(await gpu.readFloats(inputs.distances, 64), expected, 0, 1e-5) &&
              closeTo((await kmeansAssign(gpu, sample, centers, dim)).distances, expected, 0, 1e-5)
            );
          },
        };
      }),
    );
  }
  return rows;
};
