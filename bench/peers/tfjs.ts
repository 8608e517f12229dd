// TensorFlow.js: a matrix product in chunks of rows, then argMax (x·c - |c|²/2 is largest at the nearest centroid), or the
// maximum over earlier rows. The same programs on its wasm and its WebGPU backend; only the way to open them differs.
import type { PreparedTask, TaskInput } from "./npm_peer.ts";

export interface Tensor {
  dispose(): void;
  data(): Promise<Float32Array | Int32Array>;
}
export interface Tfjs {
  readonly version_core: string;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  getBackend(): string;
  tensor2d(values: Float32Array, shape: readonly [number, number]): Tensor;
  tensor1d(values: Float32Array): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor;
  sub(a: Tensor, b: Tensor): Tensor;
  argMax(values: Tensor, axis: number): Tensor;
  max(values: Tensor, axis: number): Tensor;
  where(condition: Tensor, a: Tensor, b: Tensor): Tensor;
  less(a: Tensor, b: Tensor): Tensor;
  zerosLike(values: Tensor): Tensor;
  tidy<T>(work: () => T): T;
}

/** Rows of one product: enough to keep a backend busy, few enough for the product to stay small. */
const chunkRows = 2048;

export function prepareAssign(tf: Tfjs, { rows, centroids }: TaskInput): PreparedTask {
  const { dim, rowCount } = rows;
  const chunks: Tensor[] = [];
  for (let first = 0; first < rowCount; first += chunkRows) {
    const last = Math.min(rowCount, first + chunkRows);
    chunks.push(tf.tensor2d(rows.values.slice(first * dim, last * dim), [last - first, dim]));
  }
  const k = centroids!.rowCount;
  const centers = tf.tensor2d(centroids!.values, [k, dim]);
  const halfNorms = tf.tensor1d(
    Float32Array.from(
      { length: k },
      (_, c) => centroids!.values.subarray(c * dim, (c + 1) * dim).reduce((sum, x) => sum + x * x, 0) / 2,
    ),
  );
  const labels = new Uint32Array(rowCount);
  return {
    async run() {
      const best = chunks.map((chunk) =>
        tf.tidy(() => tf.argMax(tf.sub(tf.matMul(chunk, centers, false, true), halfNorms), 1)),
      );
      for (const [i, tensor] of best.entries()) {
        labels.set(await tensor.data(), i * chunkRows);
        tensor.dispose();
      }
    },
    result: () => labels,
    dispose() {
      for (const tensor of [...chunks, centers, halfNorms]) tensor.dispose();
    },
  };
}

export function preparePairwise(tf: Tfjs, { rows, groupRows }: TaskInput): PreparedTask {
  const { dim, rowCount } = rows;
  const scores = new Float32Array(rowCount);
  const places: {
    first: number;
    count: number;
    later: Tensor;
    upTo: Tensor;
    ranks: Tensor;
    columns: Tensor;
  }[] = [];
  let start = 0;
  const column = (count: number): Tensor => tf.tensor1d(Float32Array.from({ length: count }, (_, i) => i));
  for (const size of groupRows) {
    for (let from = 0; from < size; from += chunkRows) {
      const first = start + from;
      const count = Math.min(chunkRows, size - from);
      places.push({
        first,
        count,
        later: tf.tensor2d(rows.values.slice(first * dim, (first + count) * dim), [count, dim]),
        upTo: tf.tensor2d(rows.values.slice(start * dim, (first + count) * dim), [from + count, dim]),
        ranks: tf.tensor2d(
          Float32Array.from({ length: count }, (_, i) => from + i),
          [count, 1],
        ),
        columns: column(from + count),
      });
    }
    start += size;
  }
  return {
    looksAt: "earlier",
    async run() {
      for (const { first, later, upTo, ranks, columns } of places) {
        const best = tf.tidy(() => {
          const products = tf.matMul(later, upTo, false, true);
          return tf.max(tf.where(tf.less(columns, ranks), products, tf.zerosLike(products)), 1);
        });
        scores.set((await best.data()) as Float32Array, first);
        best.dispose();
      }
    },
    result: () => scores,
    dispose() {
      for (const { later, upTo, ranks, columns } of places)
        for (const tensor of [later, upTo, ranks, columns]) tensor.dispose();
    },
  };
}
