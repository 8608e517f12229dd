// Coordinates along 64 directions: a matrix product with 64 columns, once for each row of a collection.
import { orthonormalize } from "../src/dedup/sketch_basis.ts";
import { panelByteLength, recordPanelPack } from "../src/kernels/panel_pack.ts";
import { recordRowSketch, rowSketchLayout, sketchFloats, sketchWidth } from "../src/kernels/row_sketch.ts";
import { rowSketch } from "../src/reference/row_sketch.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, dim] = quick ? [1000, 96] : [20_000, 512];
  const values = benchValues(rowCount * dim, 1);
  const columns = orthonormalize(benchValues(dim * sketchWidth, 2), dim);
  return [
    await measure(gpu, (scope) => {
      const rows = scope.upload("bench.rows", values);
      const panels = scope.buffer("bench.panels", panelByteLength(rowCount, dim));
      const inPanels = rowSketchLayout(gpu, dim) === "panels";
      const basis = scope.upload("bench.basis", columns);
      const sketches = scope.buffer("bench.sketches", rowCount * sketchFloats * 4);
      gpu.submit("bench.pack", (recorder) => recordPanelPack(recorder, { rows, panels, rowCount, dim }));
      return {
        name: "row_sketch",
        size: `${rowCount} x ${dim}`,
        quick,
        flops: 2 * rowCount * dim * sketchWidth,
        run: () =>
          gpu.submit("bench", (recorder) =>
            recordRowSketch(recorder, { basis, rows: inPanels ? panels : rows, rowCount, dim, sketches }),
          ),
        check: async () =>
          closeTo(
            await gpu.readFloats(sketches, 100 * sketchFloats),
            rowSketch(values.subarray(0, 100 * dim), columns, dim),
            1e-3,
            1e-3,
          ),
      };
    }),
  ];
};
