// One cluster, upper triangle: rows x (rows - 1) x dimensions operations that count.

import { recordPairwiseMax } from "../src/kernels/pairwise_max.ts";
import { panelByteLength, recordPanelPack } from "../src/kernels/panel_pack.ts";
import { pairwiseMax } from "../src/reference/pairwise_max.ts";
import { rowNormalize } from "../src/reference/row_normalize.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, dim] = quick ? [500, 64] : gpu.adapter.software ? [4000, 512] : [20_000, 512];
  const { rows: values } = rowNormalize(benchValues(rowCount * dim, 1), dim);
  const row = await measure(gpu, (scope) => {
    const source = scope.upload("bench.rows", values);
    const panels = scope.buffer("bench.panels", panelByteLength(rowCount, dim));
    gpu.submit("bench.pack", (recorder) =>
      recordPanelPack(recorder, { rows: source, panels, rowCount, dim }),
    );
    const ownRanks = Uint32Array.from({ length: rowCount }, (_, rank) => rank);
    const ranks = scope.upload("bench.ranks", ownRanks);
    const scores = scope.buffer("bench.scores", rowCount * 4);
    const inputs = {
      laterPanels: panels,
      laterRanks: ranks,
      laterStarts: scope.buffer("bench.starts", rowCount * 4),
      laterCount: rowCount,
      earlierPanels: panels,
      earlierRanks: ranks,
      earlierCount: rowCount,
      dim,
      scores,
      indices: scope.upload("bench.indices", ownRanks),
    };
    return {
      name: "pairwise_max",
      size: `${rowCount} x ${dim}`,
      quick,
      flops: rowCount * (rowCount - 1) * dim,
      run: () => gpu.submit("bench", (recorder) => recordPairwiseMax(recorder, inputs)),
      check: async () =>
        closeTo(
          await gpu.readFloats(scores, 500),
          pairwiseMax(values.subarray(0, 500 * dim), dim).scores,
          1e-5,
        ),
    };
  });
  return [row];
};
