// How many rows a first pass in 8 bits would leave in doubt, beside the one in f16 that is used (kmeans_screen.wgsl): rows whose
// best two scores, in float64, are no further apart than rounding can have moved them. Said for centroids that no round has
// moved and after ten rounds. A row in 8 bits has one scale, its largest value over 127.
//   node bench/rounding_doubt.ts
import { kmeans } from "../src/dedup/kmeans.ts";
import { GpuContext } from "../src/gpu/context.ts";
import {
  chosenRows,
  type EmbeddingPlan,
  firstCentroids,
  plannedDefaults,
  sampleOf,
} from "./embedding_data.ts";
import { residentRows } from "./resident_rows.ts";

const k = 1000;
const dim = 512;
const sampleRows = 2000;

type Rounding = (row: Float32Array) => Float64Array;

const roundings: Readonly<Record<string, Rounding>> = {
  f16: (row) => Float64Array.from(new Float16Array(row)),
  i8: (row) => {
    const scale = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    return Float64Array.from(row, (value) => Math.round(value / scale) * scale);
  },
};

const gpu = await GpuContext.acquire();
for (const kind of ["clustered", "falling"] as const) {
  const plan: EmbeddingPlan = { ...plannedDefaults, kind, rowCount: 60_000, dim, centerCount: 1.6 * k };
  // Seven rows on, as the first centroids are rows themselves.
  const sample = sampleOf(plan, sampleRows).map((row) => row + 7);
  const rows = rowsOf(chosenRows(plan, sample));
  const init = firstCentroids(plan, k);
  const store = await residentRows(gpu, plan);
  const { centroids } = await kmeans(gpu, store, { nClusters: k, init, maxIter: 10, tol: 0 });
  store.destroy();
  for (const [when, values] of [
    ["first centroids", init],
    ["after ten rounds", centroids],
  ] as const) {
    const centers = rowsOf(values);
    const gaps = rows.map((row) => gapOf(row, centers));
    for (const [name, rounding] of Object.entries(roundings)) {
      const doubts = doubtsOf(rows, centers, rounding);
      const share = gaps.filter((gap, i) => gap <= doubts[i]!).length / gaps.length;
      console.log(`${kind}, ${when}, ${name}: ${(100 * share).toFixed(1)} % of the rows in doubt`);
    }
  }
}
gpu.destroy();

function rowsOf(values: Float32Array): Float32Array[] {
  return Array.from({ length: values.length / dim }, (_, row) => values.subarray(row * dim, (row + 1) * dim));
}

/** How far the best score, x.c - |c|^2 / 2, leads the second. */
function gapOf(row: Float32Array, centers: readonly Float32Array[]): number {
  let [best, second] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const center of centers) {
    let score = 0;
    for (let i = 0; i < dim; i++) score += center[i]! * (row[i]! - center[i]! / 2);
    second = Math.max(second, Math.min(best, score));
    best = Math.max(best, score);
  }
  return best - second;
}

/** 2 (|e| max|c| + |r| max|f|) for each row: x = r + e the row, c = s + f a centroid (kmeans_screen.wgsl). */
function doubtsOf(
  rows: readonly Float32Array[],
  centers: readonly Float32Array[],
  rounding: Rounding,
): number[] {
  const [rounded, errors] = lengthsOf(rows, rounding);
  const longest = Math.max(...centers.map((center) => Math.hypot(...center)));
  const largestError = Math.max(...lengthsOf(centers, rounding)[1]);
  return rows.map((_, i) => 2 * (errors[i]! * longest + rounded[i]! * largestError));
}

/** The lengths of rounded rows and of what rounding took. */
function lengthsOf(rows: readonly Float32Array[], rounding: Rounding): [number[], number[]] {
  const rounded = rows.map(rounding);
  return [
    rounded.map((row) => Math.hypot(...row)),
    rounded.map((row, i) => Math.hypot(...row.map((value, j) => value - rows[i]![j]!))),
  ];
}
