// usearch: exact nearest neighbours in native code (SIMD), on all cores. Squared Euclidean distance to centroids; inner
// product between rows, the two nearest of each row, of which one is the row itself: it cannot look at earlier rows alone.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { NpmPeer } from "./npm_peer.ts";

interface Matches {
  readonly keys: BigUint64Array;
  readonly distances: Float32Array;
}
interface Usearch {
  exactSearch(
    dataset: Float32Array,
    queries: Float32Array,
    dimensions: number,
    count: number,
    metric: string,
    threads: number,
  ): Matches;
  readonly MetricKind: Readonly<Record<"L2sq" | "IP", string>>;
}

export async function open(): Promise<NpmPeer> {
  const packageName: string = "usearch";
  const { exactSearch, MetricKind } = (await import(packageName)) as Usearch;
  const manifest = new URL("node_modules/usearch/package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const threads = availableParallelism();
  return {
    name: "usearch exact",
    version,
    device: "cpu",
    tasks: {
      assign({ rows, centroids }) {
        let found: Matches | undefined;
        return {
          run() {
            found = exactSearch(centroids!.values, rows.values, rows.dim, 1, MetricKind.L2sq, threads);
          },
          result: () => Uint32Array.from(found!.keys, Number),
        };
      },
      pairwise({ rows, groupRows }) {
        const scores = new Float32Array(rows.rowCount);
        // Copies: the native side takes a view's memory from where its buffer begins.
        const ends = groupRows.map((_, i) =>
          groupRows.slice(0, i + 1).reduce((sum, count) => sum + count, 0),
        );
        const groups = groupRows.map((count, i) =>
          rows.values.slice((ends[i]! - count) * rows.dim, ends[i]! * rows.dim),
        );
        return {
          looksAt: "any",
          run() {
            for (const [i, group] of groups.entries()) {
              const count = groupRows[i]!;
              const { keys, distances } = exactSearch(group, group, rows.dim, 2, MetricKind.IP, threads);
              for (let row = 0; row < count; row++) {
                const other = Number(keys[2 * row]) === row ? 2 * row + 1 : 2 * row;
                scores[ends[i]! - count + row] = 1 - distances[other]!;
              }
            }
          },
          result: () => scores,
        };
      },
    },
  };
}
