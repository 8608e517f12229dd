// Reads and writes each value once; memory limits it.
import { panelByteLength, recordPanelPack } from "../src/kernels/panel_pack.ts";
import { panelPack } from "../src/reference/panel_pack.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, dim] = quick ? [512, 512] : [20_032, 512];
  const values = benchValues(rowCount * dim, 1);
  const row = await measure(gpu, (scope) => {
    const rows = scope.upload("bench.rows", values);
    const panels = scope.buffer("bench.panels", panelByteLength(rowCount, dim));
    return {
      name: "panel_pack",
      size: `${rowCount} x ${dim}`,
      quick,
      bytes: 2 * rowCount * dim * 4,
      run: () =>
        gpu.submit("bench", (recorder) => recordPanelPack(recorder, { rows, panels, rowCount, dim })),
      check: async () =>
        closeTo(await gpu.readFloats(panels, 128 * dim), panelPack(values.subarray(0, 128 * dim), dim), 0),
    };
  });
  return [row];
};
