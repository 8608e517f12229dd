// The basis of a collection's sketches: 64 orthonormal directions that hold much of what its rows are made of, found by
// subspace iteration (Bauer, 1957) over a sample. Products run on the device; the basis is made orthonormal here, in
// float64, since bounds rest on that alone: a poor basis costs time and nothing else.
import type { GpuContext } from "../gpu/context.ts";
import { BufferScope } from "../kernels/buffer_scope.ts";
import { panelByteLength, recordPanelPack } from "../kernels/panel_pack.ts";
import { recordRowSketch, rowSketchLayout, sketchFloats, sketchWidth } from "../kernels/row_sketch.ts";
import { recordSketchMoment } from "../kernels/sketch_moment.ts";
import { gatherRows } from "./gather.ts";
import { sampleDistinct } from "./random.ts";
import type { RowStore } from "./row_store.ts";

const sampleRows = 2048;
const iterations = 2;
/** The sample is the same on every run: it decides how fast, never what. */
const sampleSeed = 0;
const sampleStream = 90;

/** A store is passed over by several steps, whose rows do not change. */
const found = new WeakMap<RowStore, Float32Array>();

/** f32, dim x 64, columns orthonormal up to rounding; columns of zeros where the sample spans less. */
export async function findSketchBasis(gpu: GpuContext, store: RowStore): Promise<Float32Array> {
  const basis = found.get(store) ?? (await iterateBasis(gpu, store));
  found.set(store, basis);
  return basis;
}

async function iterateBasis(gpu: GpuContext, store: RowStore): Promise<Float32Array> {
  const { dim } = store;
  const picks = sampleDistinct(
    Math.min(sampleRows, store.rowCount),
    store.rowCount,
    sampleSeed,
    sampleStream,
  );
  const sample = await gatherRows(gpu, store, picks);
  try {
    return await BufferScope.run(gpu, async (scope) => {
      const most = Math.min(sample.chunkRows, sample.rowCount);
      const panels = scope.buffer("sketch_basis.panels", panelByteLength(most, dim));
      const inPanels = rowSketchLayout(gpu, dim) === "panels";
      const sketches = scope.buffer("sketch_basis.sketches", most * sketchFloats * 4);
      const moments = scope.buffer("sketch_basis.moments", dim * sketchWidth * 4);
      const basis = scope.buffer("sketch_basis.basis", dim * sketchWidth * 4);
      let columns = new Float32Array(dim * sketchWidth);
      await sample.forEachChunk(async ({ index, rows, rowCount }) => {
        // One chunk is sample enough.
        if (index > 0) return;
        const first = await gpu.readFloats(rows, Math.min(sketchWidth, rowCount) * dim);
        for (let at = 0; at < first.length; at++)
          columns[(at % dim) * sketchWidth + Math.floor(at / dim)] = first[at]!;
        columns = orthonormalize(columns, dim);
        for (let iteration = 0; iteration < iterations; iteration++) {
          gpu.write(basis, 0, columns);
          gpu.submit("sketch_basis", (recorder) => {
            if (inPanels) recordPanelPack(recorder, { rows, panels, rowCount, dim });
            recordRowSketch(recorder, { basis, rows: inPanels ? panels : rows, rowCount, dim, sketches });
            recordSketchMoment(recorder, { rows, sketches, rowCount, dim, moments });
          });
          columns = orthonormalize(await gpu.readFloats(moments, dim * sketchWidth), dim);
        }
      });
      return columns;
    });
  } finally {
    sample.destroy();
  }
}

/** Gram and Schmidt, twice over each column; what depends on the columns before becomes zeros. dim x 64. */
export function orthonormalize(columns: Float32Array, dim: number): Float32Array<ArrayBuffer> {
  const kept: Float64Array[] = [];
  const result = new Float32Array(dim * sketchWidth);
  for (let c = 0; c < sketchWidth; c++) {
    const column = Float64Array.from({ length: dim }, (_, i) => columns[i * sketchWidth + c]!);
    const before = lengthOf(column);
    for (let pass = 0; pass < 2; pass++) for (const other of kept) subtractProjection(column, other);
    const length = lengthOf(column);
    // What is left of a dependent column is rounding, and has any direction.
    if (!(length > before * 1e-5)) continue;
    for (let i = 0; i < dim; i++) {
      column[i]! /= length;
      result[i * sketchWidth + c] = column[i]!;
    }
    kept.push(column);
  }
  return result;
}

function lengthOf(column: Float64Array): number {
  let square = 0;
  for (const value of column) square += value * value;
  return Math.sqrt(square);
}

function subtractProjection(column: Float64Array, unit: Float64Array): void {
  let product = 0;
  for (let i = 0; i < column.length; i++) product += column[i]! * unit[i]!;
  for (let i = 0; i < column.length; i++) column[i]! -= product * unit[i]!;
}
