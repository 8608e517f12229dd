// The reference's own end to end numbers, at the level of the domain: 1,500 rows, k = 5, eps 0.01.
import { describe, expect, test } from "vitest";
import { assignRows } from "../../src/dedup/assign.ts";
import { type DuplicateRule, findDuplicates, type Removal } from "../../src/dedup/identify.ts";
import { kmeans } from "../../src/dedup/kmeans.ts";
import { pairwiseMany } from "../../src/dedup/pairwise.ts";
import { rankRows, type WhichToKeep } from "../../src/dedup/rank.ts";
import { useGpu } from "../support/gpu.ts";
import { goldenBlobs, withStore } from "./rows.ts";

const idOf = (row: number): string => String(row).padStart(4, "0");

describe("k-means, ranking, pairwise, identify", () => {
  const context = useGpu();

  async function dedup(which: WhichToKeep, metric: "cosine" | "l2", rule: DuplicateRule): Promise<Removal[]> {
    const dim = 3;
    const clusters = Array.from({ length: 5 }, () => ({
      ids: [] as string[],
      rows: [] as Float32Array[],
      distances: [] as number[],
    }));
    await withStore(context.gpu, goldenBlobs().rows, { dim, blockRows: 750 }, async (store) => {
      const { centroids } = await kmeans(context.gpu, store, { nClusters: 5 });
      await assignRows(context.gpu, store, centroids, (chunk) => {
        const distances = metric === "cosine" ? chunk.cosineDistances : chunk.l2Distances;
        chunk.labels.forEach((label, i) => {
          const cluster = clusters[label]!;
          cluster.ids.push(idOf(chunk.sourceIndices[i]!));
          cluster.rows.push(chunk.rows.subarray(i * dim, (i + 1) * dim));
          cluster.distances.push(distances[i]!);
        });
      });
    });
    const ranked = clusters.map(({ ids, rows, distances }) => {
      const order = rankRows(ids, distances, which);
      return {
        ids: [...order].map((row) => ids[row]!),
        rows: Float32Array.from([...order].flatMap((row) => [...rows[row]!])),
      };
    });
    const scores = await pairwiseMany(
      context.gpu,
      ranked.map(({ rows }) => rows),
      dim,
    );
    const removals: Removal[] = [];
    for (const [i, { ids, rows }] of ranked.entries()) {
      const cluster = { ids, ...scores[i]!, dim, rows: () => rows };
      removals.push(...(await findDuplicates(context.gpu, cluster, { eps: 0.01, rule })));
    }
    return removals;
  }

  test.each([
    ["hard", "cosine", 1471],
    ["easy", "cosine", 1495],
    ["hard", "l2", 1471],
    ["easy", "l2", 1495],
  ] as const)("%s, %s: the reference's rule removes %i", async (which, metric, removed) => {
    expect(await dedup(which, metric, "nemo")).toHaveLength(removed);
  });

  test("our rule removes no row whose keeper is removed, and leaves each cluster a row", async () => {
    const removals = await dedup("hard", "cosine", "keeper");
    const gone = new Set(removals.map(({ id }) => id));
    expect(removals.some(({ keptId }) => gone.has(keptId))).toBe(false);
    expect(removals.length).toBeGreaterThan(1300);
    expect(removals.length).toBeLessThan(1471);
  });
});
