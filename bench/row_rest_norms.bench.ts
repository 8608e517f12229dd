// Bound by memory: reads every value once.
import { recordRowRestNorms, restNormsByteLength, screenSlack } from "../src/kernels/row_rest_norms.ts";
import { rowRestNorms } from "../src/reference/row_rest_norms.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

const chunk = 32;

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, dim] = quick ? [500, 64] : gpu.adapter.software ? [20_000, 512] : [500_000, 512];
  const values = benchValues(rowCount * dim, 1);
  const row = await measure(gpu, (scope) => {
    const source = scope.upload("bench.rows", values);
    const norms = scope.buffer("bench.norms", restNormsByteLength(rowCount, dim, chunk));
    const inputs = { rows: source, rowCount, dim, chunk, norms };
    return {
      name: "row_rest_norms",
      size: `${rowCount} x ${dim}`,
      quick,
      bytes: rowCount * dim * 4,
      run: () => gpu.submit("bench", (recorder) => recordRowRestNorms(recorder, inputs)),
      check: async () => {
        const expected = rowRestNorms(values.subarray(0, dim), dim, chunk, screenSlack(dim));
        // The first row's norms lie a panel's width apart.
        const packed = await gpu.readFloats(norms, expected.length * 64);
        const first = expected.map((_, prefix) => packed[prefix * 64]!);
        return closeTo(first, expected, 0, 1e-4);
      },
    };
  });
  return [row];
};
