import { describe, expect, test } from "vitest";
import { kmeansRank } from "../../src/kernels/kmeans_rank.ts";
import { kmeansRank as reference } from "../../src/reference/kmeans_rank.ts";
import { useGpu } from "../support/gpu.ts";
import { labelCases, labelsBefore, randomLabels } from "./labels.ts";

describe.each(["plain", "serial"] as const)("kmeansRank(), variant %s", (variant) => {
  const context = useGpu();

  test.each(labelCases)("%i rows, %i clusters, %s labels equal the twin", async (_, k, kind, labels) => {
    expect(await kmeansRank(context.gpu, labels, k, undefined, variant), kind).toEqual(reference(labels, k));
  });

  test.each(labelCases)(
    "%i rows, %i clusters, %s labels of which few or all changed",
    async (_, k, kind, labels) => {
      for (const step of [1, 7, 300])
        for (const since of [new Uint32Array(k), new Uint32Array(k).fill(1), randomLabels(k, 2, 3)]) {
          const history = { previous: labelsBefore(labels, k, step), since };
          const actual = await kmeansRank(context.gpu, labels, k, history, variant);
          expect(actual, `${kind}, one in ${step}`).toEqual(reference(labels, k, history));
        }
    },
  );

  test("counts the rows whose label changed, and no others", async () => {
    const labels = randomLabels(2500, 9, 1);
    const previous = labels.map((label, row) => (row % 7 === 0 ? ((label + 1) % 9) + 1 : label + 1));
    const { moved } = await kmeansRank(context.gpu, labels, 9, { previous }, variant);
    expect(moved).toBe(Math.ceil(2500 / 7));
    expect(moved).toBe(reference(labels, 9, { previous }).moved);
  });
});
