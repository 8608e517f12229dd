import { describe, expect, test } from "vitest";
import { kmeansRank } from "../../src/kernels/kmeans_rank.ts";
import { kmeansRank as reference } from "../../src/reference/kmeans_rank.ts";
import { useGpu } from "../support/gpu.ts";
import { labelCases, randomLabels } from "./labels.ts";

describe.each(["plain", "serial"] as const)("kmeansRank(), variant %s", (variant) => {
  const context = useGpu();

  test.each(labelCases)("%i rows, %i clusters, %s labels equal the twin", async (_, k, kind, labels) => {
    expect(await kmeansRank(context.gpu, labels, k, undefined, variant), kind).toEqual(reference(labels, k));
  });

  test("counts the rows whose label changed, and no others", async () => {
    const labels = randomLabels(2500, 9, 1);
    const previous = labels.map((label, row) => (row % 7 === 0 ? ((label + 1) % 9) + 1 : label + 1));
    const { moved } = await kmeansRank(context.gpu, labels, 9, previous, variant);
    expect(moved).toBe(Math.ceil(2500 / 7));
    expect(moved).toBe(reference(labels, 9, previous).moved);
  });
});
