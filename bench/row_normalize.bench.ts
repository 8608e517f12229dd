// Reads each row three times and writes it once; memory limits it.
import { recordRowNormalize } from "../src/kernels/row_normalize.ts";
import { rowNormalize } from "../src/reference/row_normalize.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, dim] = quick ? [500, 512] : [20_000, 512];
  const values = benchValues(rowCount * dim, 1);
  const row = await measure(gpu, (scope) => {
    const rows = scope.upload("bench.rows", values);
    const norms = scope.buffer("bench.norms", rowCount * 4);
    return {
      name: "row_normalize",
      size: `${rowCount} x ${dim}`,
      quick,
      bytes: 2 * rowCount * dim * 4,
      run: () =>
        gpu.submit("bench", (recorder) => recordRowNormalize(recorder, { rows, norms, rowCount, dim })),
      check: async () =>
        closeTo(
          await gpu.readFloats(rows, 100 * dim),
          rowNormalize(values.subarray(0, 100 * dim), dim).rows,
          1e-5,
        ),
    };
  });
  return [row];
};
