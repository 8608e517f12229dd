import { describe, expect, test } from "vitest";
import { kmeansBases } from "../../src/kernels/kmeans_bases.ts";
import { kmeansOffsets } from "../../src/kernels/kmeans_offsets.ts";
import { kmeansRank } from "../../src/kernels/kmeans_rank.ts";
import { kmeansScatter } from "../../src/kernels/kmeans_scatter.ts";
import { kmeansScatter as reference } from "../../src/reference/kmeans_scatter.ts";
import { useGpu } from "../support/gpu.ts";
import { labelCases } from "./labels.ts";

describe("kmeansScatter()", () => {
  const context = useGpu();

  test.each(labelCases)("%i rows, %i clusters, %s labels come out sorted", async (_, k, kind, labels) => {
    const { ranks, counts } = await kmeansRank(context.gpu, labels, k);
    const offsets = await kmeansOffsets(context.gpu, counts, k);
    const bases = await kmeansBases(context.gpu, offsets.subarray(counts.length));
    const table = Uint32Array.from([...offsets.subarray(0, counts.length), ...bases]);
    const order = await kmeansScatter(context.gpu, labels, ranks, table, k);
    expect(order, kind).toEqual(reference(labels));
  });
});
