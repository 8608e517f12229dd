import { describe, expect, test } from "vitest";
import { kmeansBases } from "../../src/kernels/kmeans_bases.ts";
import { kmeansOffsets } from "../../src/kernels/kmeans_offsets.ts";
import { kmeansRank, type LabelHistory } from "../../src/kernels/kmeans_rank.ts";
import { kmeansScatter } from "../../src/kernels/kmeans_scatter.ts";
import { kmeansScatter as reference } from "../../src/reference/kmeans_scatter.ts";
import { useGpu } from "../support/gpu.ts";
import { labelCases, labelsBefore, randomLabels } from "./labels.ts";

describe("kmeansScatter()", () => {
  const context = useGpu();

  async function sort(labels: Uint32Array, k: number, history: LabelHistory = {}): Promise<Uint32Array> {
    const { ranks, counts } = await kmeansRank(context.gpu, labels, k, history);
    const offsets = await kmeansOffsets(context.gpu, counts, k);
    const bases = await kmeansBases(context.gpu, offsets.subarray(counts.length));
    const table = Uint32Array.from([...offsets.subarray(0, counts.length), ...bases]);
    return await kmeansScatter(context.gpu, labels, ranks, table, k, history);
  }

  test.each(labelCases)("%i rows, %i clusters, %s labels come out sorted", async (_, k, kind, labels) => {
    expect(await sort(labels, k), kind).toEqual(reference(labels));
    for (const step of [1, 7, 300]) {
      const history = { previous: labelsBefore(labels, k, step), since: randomLabels(k, 3, 1) };
      expect(await sort(labels, k, history), `${kind}, one in ${step}`).toEqual(reference(labels, history));
    }
  });
});
