// The largest block, lower triangle of bits: rows x (rows - 1) x dimensions operations that count.
import { recordPairwiseMatch } from "../src/kernels/pairwise_match.ts";
import { panelByteLength, recordPanelPack } from "../src/kernels/panel_pack.ts";
import { pairwiseMatch } from "../src/reference/pairwise_match.ts";
import { rowNormalize } from "../src/reference/row_normalize.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, dim] = quick ? [128, 64] : [1024, 512];
  const { rows: values } = rowNormalize(benchValues(rowCount * dim, 1), dim);
  const threshold = 0.0512345;
  const row = await measure(gpu, (scope) => {
    const source = scope.upload("bench.rows", values);
    const panels = scope.buffer("bench.panels", panelByteLength(rowCount, dim));
    gpu.submit("bench.pack", (recorder) =>
      recordPanelPack(recorder, { rows: source, panels, rowCount, dim }),
    );
    const words = Math.ceil(rowCount / 32);
    const inputs = {
      panels,
      ranks: scope.upload(
        "bench.ranks",
        Uint32Array.from({ length: rowCount }, (_, rank) => rank),
      ),
      starts: scope.buffer("bench.starts", rowCount * 4),
      rowCount,
      dim,
      threshold,
      matches: scope.buffer("bench.matches", rowCount * words * 4),
    };
    return {
      name: "pairwise_match",
      size: `${rowCount} x ${dim}`,
      quick,
      flops: rowCount * (rowCount - 1) * dim,
      run: () => gpu.submit("bench", (recorder) => recordPairwiseMatch(recorder, inputs)),
      check: async () => {
        const actual = await gpu.readUints(inputs.matches, rowCount * words);
        const expected = pairwiseMatch(values, dim, threshold);
        // A product within the rounding of the threshold may fall on either side.
        const differing = actual.filter((word, i) => word !== expected[i]).length;
        return closeTo([differing], [0], 4);
      },
    };
  });
  return [row];
};
