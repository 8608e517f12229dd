// Twin of kmeans_scatter: what comes and goes sorted by cluster, in row order; the highest bit tells that a row goes.
import { labelSteps } from "./kmeans_rank.ts";

export function kmeansScatter(
  labels: Uint32Array,
  history: { readonly previous?: Uint32Array; readonly since?: Uint32Array } = {},
): Uint32Array {
  const steps = labelSteps(labels, history).sort((a, b) => a.cluster - b.cluster || a.row - b.row);
  return Uint32Array.from(steps, ({ row, goes }) => row + (goes ? 2 ** 31 : 0));
}
