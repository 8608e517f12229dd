// A step of subspace iteration over a sample of rows.
import { sketchFloats, sketchWidth } from "../src/kernels/row_sketch.ts";
import { recordSketchMoment } from "../src/kernels/sketch_moment.ts";
import { sketchMoment } from "../src/reference/sketch_moment.ts";
import { type Bench, benchValues, closeTo, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, dim] = quick ? [200, 96] : [2048, 512];
  const values = benchValues(rowCount * dim, 1);
  const coordinates = benchValues(rowCount * sketchFloats, 2);
  return [
    await measure(gpu, (scope) => {
      const rows = scope.upload("bench.rows", values);
      const sketches = scope.upload("bench.sketches", coordinates);
      const moments = scope.buffer("bench.moments", dim * sketchWidth * 4);
      return {
        name: "sketch_moment",
        size: `${rowCount} x ${dim}`,
        quick,
        flops: 2 * rowCount * dim * sketchWidth,
        run: () =>
          gpu.submit("bench", (recorder) =>
            recordSketchMoment(recorder, { rows, sketches, rowCount, dim, moments }),
          ),
        check: async () =>
          closeTo(
            await gpu.readFloats(moments, dim * sketchWidth),
            sketchMoment(values, coordinates, dim),
            1e-3,
            1e-4,
          ),
      };
    }),
  ];
};
