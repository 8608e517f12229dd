// The pass over sketches alone, and the whole assignment that it is part of, on rows whose spectrum falls and on uniform
// ones, where nothing can be ruled out. The rate of an assignment is that of the products it spares too: 2 n k d / time.
import { CentroidSet } from "../src/dedup/centroid_set.ts";
import { lloyd } from "../src/dedup/lloyd.ts";
import { RowState } from "../src/dedup/row_state.ts";
import { residentStore } from "../src/dedup/row_store.ts";
import { findSketchBasis } from "../src/dedup/sketch_basis.ts";
import type { GpuContext } from "../src/gpu/context.ts";
import { kmeansPrune, pairsByteLength, recordKmeansPrune } from "../src/kernels/kmeans_prune.ts";
import { RowList } from "../src/kernels/row_list.ts";
import { sketchFloats, sketchWidth } from "../src/kernels/row_sketch.ts";
import { kmeansPrune as reference } from "../src/reference/kmeans_prune.ts";
import { embeddingRows, plannedDefaults } from "./embedding_data.ts";
import { type Bench, type BenchRow, benchValues, measure } from "./harness.ts";

export const run: Bench = async (gpu, { quick }) => {
  const [rowCount, k, dim] = quick ? [1000, 130, 256] : [20_000, 1000, 512];
  const rows: BenchRow[] = [await pass(gpu, rowCount, k, quick)];
  for (const kind of ["falling", "uniform"] as const) {
    const values = embeddingRows({ ...plannedDefaults, kind, rowCount, dim, centerCount: k });
    for (const sketched of [false, true])
      rows.push(await assignment(gpu, values, { kind, sketched, rowCount, k, dim, quick }));
  }
  return rows;
};

async function pass(gpu: GpuContext, rowCount: number, k: number, quick: boolean): Promise<BenchRow> {
  const sketchesOf = (count: number, seed: number): Float32Array =>
    benchValues(count * sketchFloats, seed).map((value, at) =>
      at % sketchFloats < sketchWidth ? value * 0.1 : Math.abs(value) * 1e-3,
    );
  const [left, right] = [sketchesOf(rowCount, 1), sketchesOf(k, 2)];
  const [halfNorms, scores] = [new Float32Array(k).fill(0.1), new Float32Array(rowCount).fill(0.02)];
  return await measure(gpu, (scope) => {
    const list = new RowList(scope, "bench", rowCount);
    const rowPairs = 16;
    const inputs = {
      rows: scope.upload("bench.rows", left),
      rowCount,
      centroids: scope.upload("bench.centroids", right),
      centroidCount: k,
      halfNorms: scope.upload("bench.half_norms", halfNorms),
      scores: scope.upload("bench.scores", scores),
      labels: scope.buffer("bench.labels", rowCount * 4),
      rowPairs,
      pairs: scope.buffer("bench.pairs", pairsByteLength(rowCount, rowPairs)),
      list: list.buffer,
    };
    return {
      name: "kmeans_prune",
      size: `${rowCount}, k ${k}`,
      quick,
      flops: 2 * rowCount * k * sketchWidth,
      run: () =>
        gpu.submit("bench", (recorder) => {
          list.recordClear(recorder);
          recordKmeansPrune(recorder, inputs);
        }),
      check: async () => {
        const sample = left.subarray(0, 64 * sketchFloats);
        const margins = reference(sample, right, halfNorms, scores);
        const open = margins.filter((margin, at) => margin >= 0 && at % k > 0).length;
        const { pairs } = await kmeansPrune(
          gpu,
          sample,
          right,
          halfNorms,
          scores.subarray(0, 64),
          new Uint32Array(64),
          {
            rowPairs: k,
          },
        );
        const found = pairs.reduce((sum, value, at) => sum + (at % (1 + k) === 0 ? value : 0), 0);
        return Math.abs(found - open) <= 1 + open / 1000;
      },
    };
  });
}

async function assignment(
  gpu: GpuContext,
  values: Float32Array,
  {
    kind,
    sketched,
    rowCount,
    k,
    dim,
    quick,
  }: {
    readonly kind: string;
    readonly sketched: boolean;
    readonly rowCount: number;
    readonly k: number;
    readonly dim: number;
    readonly quick: boolean;
  },
): Promise<BenchRow> {
  const buffer = gpu.upload("bench.rows", values);
  const store = residentStore(gpu, { rowCount, dim, chunkRows: rowCount, setAside: [] }, [buffer]);
  const first = values.subarray(0, k * dim);
  const centroids = CentroidSet.upload(gpu, first, dim);
  await lloyd(gpu, store, centroids, { maxIter: 3, tol: 0 });
  const states = {
    exact: new RowState(gpu, store),
    sketched: new RowState(gpu, store, { basis: await findSketchBasis(gpu, store) }),
  };
  const assign = async (state: RowState): Promise<void> =>
    await store.forEachChunk((chunk) =>
      gpu.submit("bench", (recorder) => state.recordAssign(recorder, chunk, centroids, { labelsOnly: true })),
    );
  try {
    return await measure(gpu, () => ({
      name: `assignment of ${kind} rows${sketched ? ", sketched" : ""}`,
      size: `${rowCount} x ${dim}, k ${k}`,
      quick,
      flops: 2 * rowCount * k * dim,
      run: async () => await assign(sketched ? states.sketched : states.exact),
      check: async () => {
        for (const state of [states.exact, states.sketched]) await assign(state);
        const labels = await gpu.readUints(states.exact.chunks[0]!.labels, rowCount);
        const others = await gpu.readUints(states.sketched.chunks[0]!.labels, rowCount);
        return labels.every((label, row) => label === others[row]);
      },
    }));
  } finally {
    for (const owned of [states.exact, states.sketched, centroids, store]) owned.destroy();
  }
}
