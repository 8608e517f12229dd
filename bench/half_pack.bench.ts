// Reads 4 bytes and writes 2 for each value: what memory gives is the limit.
import { halfPack, halfRows, recordHalfPack } from "../src/kernels/half_pack.ts";
import { halfPack as reference } from "../src/reference/half_pack.ts";
import { type Bench, benchValues, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const rowCount = quick ? 500 : gpu.adapter.software ? 20_000 : 262_144;
  const dim = quick ? 64 : 512;
  const values = benchValues(rowCount * dim, 1);
  return [
    await measure(gpu, (scope) => {
      const packed = halfRows(scope, "bench", rowCount, dim);
      const rows = scope.upload("bench.rows", values);
      return {
        name: "half_pack",
        size: `${rowCount} x ${dim}`,
        quick,
        bytes: rowCount * dim * 6,
        run: () =>
          gpu.submit("bench", (recorder) => recordHalfPack(recorder, { rows, rowCount, dim, ...packed })),
        check: async () => {
          const sample = values.subarray(0, 128 * dim);
          const [actual, expected] = [await halfPack(gpu, sample, dim), reference(sample, dim)];
          return expected.halves.every(
            (bits, i) => bits === (actual.halves[i]! & 0x7fff ? actual.halves[i] : 0),
          );
        },
      };
    }),
  ];
};
