// ml-kmeans: Lloyd's iterations in plain JavaScript on arrays of arrays, which are made before the clock starts.
import { readFileSync } from "node:fs";
import type { NpmPeer, PreparedTask, TaskInput } from "./npm_peer.ts";

interface StepResult {
  readonly clusters: readonly number[];
  readonly centroids: readonly (readonly number[])[];
  readonly iterations: number;
}
interface MlKmeans {
  kmeans(data: number[][], k: number, options: object): StepResult;
}

export async function open(): Promise<NpmPeer> {
  const packageName: string = "ml-kmeans";
  const { kmeans } = (await import(packageName)) as MlKmeans;
  const manifest = new URL("node_modules/ml-kmeans/package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const prepare = ({ rows, centroids, rounds }: TaskInput, wanted: "labels" | "centroids"): PreparedTask => {
    const data = arraysOf(rows.values, rows.dim);
    const initialization = arraysOf(centroids!.values, rows.dim);
    let last: StepResult | undefined;
    return {
      run() {
        last = kmeans(data, initialization.length, { initialization, maxIterations: rounds, tolerance: 0 });
      },
      result: () =>
        wanted === "labels" ? Uint32Array.from(last!.clusters) : Float32Array.from(last!.centroids.flat()),
      get rounds() {
        return last?.iterations ?? rounds;
      },
    };
  };
  return {
    name: "ml-kmeans",
    version,
    device: "cpu",
    tasks: {
      // It has no assignment of its own: one round, in which moving the centroids is a thousandth of the work.
      assign: (input) => prepare({ ...input, rounds: 1 }, "labels"),
      kmeans: (input) => prepare(input, "centroids"),
    },
  };
}

/** Array.from keeps numbers unboxed: spreading the same values makes it five times slower. */
function arraysOf(values: Float32Array, dim: number): number[][] {
  return Array.from({ length: values.length / dim }, (_, row) =>
    Array.from(values.subarray(row * dim, (row + 1) * dim)),
  );
}
