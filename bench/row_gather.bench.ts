// Reads and writes every chosen row once; memory limits it.
import { recordRowGather } from "../src/kernels/row_gather.ts";
import { rowGather } from "../src/reference/row_gather.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const dim = 512;
  const rowCount = quick ? 500 : gpu.adapter.software ? 20_000 : 200_000;
  const values = benchValues(rowCount * dim, 1);
  const indices = Uint32Array.from({ length: rowCount / 4 }, (_, place) => (place * 7919) % rowCount);
  const places = Uint32Array.from({ length: indices.length * 2 }, (_, at) =>
    at % 2 === 0 ? indices[at / 2]! : (at - 1) / 2,
  );
  const row = await measure(gpu, (scope) => {
    const inputs = {
      rows: scope.upload("bench.rows", values),
      places: scope.upload("bench.places", places),
      count: indices.length,
      dim,
      gathered: scope.buffer("bench.gathered", indices.length * dim * 4),
    };
    return {
      name: "row_gather",
      size: `${indices.length} of ${rowCount} x ${dim}`,
      quick,
      bytes: 2 * indices.length * dim * 4,
      run: () => gpu.submit("bench", (recorder) => recordRowGather(recorder, inputs)),
      check: async () =>
        closeTo(
          await gpu.readFloats(inputs.gathered, indices.length * dim),
          rowGather(values, indices, dim),
          0,
        ),
    };
  });
  return [row];
};
