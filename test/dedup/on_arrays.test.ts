import { describe, expect, test } from "vitest";
import { assign, kmeans, noLabel, openGpu, pairwise } from "../../src/kernels.ts";
import { pairwiseMax as reference } from "../../src/reference.ts";
import { expectClose } from "../support/compare.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";
import { unitRows } from "./rows.ts";

describe("clipsieve/kernels", () => {
  const context = useGpu();

  test("kmeans() and assign() on arrays report rows of zeros and leave them without a label", async () => {
    const rows = randomNormals(50 * 4, 1);
    rows.fill(0, 8, 12);
    const { centroids, k, ...clustered } = await kmeans(context.gpu, rows, 4, { nClusters: 3 });
    expect(clustered.setAside).toEqual([2]);
    expect(centroids).toHaveLength(k * 4);
    const assigned = await assign(context.gpu, rows, centroids, 4);
    const { labels, cosineDistances, l2Distances } = assigned;
    expect(clustered).toMatchObject(assigned);
    expect(labels[2]).toBe(noLabel);
    expect(cosineDistances[2]).toBeNaN();
    expect(l2Distances[2]).toBeNaN();
    expect([...labels].filter((label) => label < k)).toHaveLength(49);
  });

  test("pairwise() equals the twin", async () => {
    const rows = unitRows(100, 10, 3);
    const { scores, maxIndex } = await pairwise(context.gpu, rows, 10);
    const expected = reference(rows, 10);
    expectClose(scores, expected.scores, { absolute: 1e-6 });
    expect(maxIndex).toEqual(expected.maxIndex);
  });

  test("refuses values that do not fill whole rows", async () => {
    await expect(kmeans(context.gpu, new Float32Array(5), 2, { nClusters: 1 })).rejects.toThrow("5 values");
    await expect(pairwise(context.gpu, new Float32Array(5), 2)).rejects.toThrow("5 values");
    await expect(assign(context.gpu, new Float32Array(4), new Float32Array(0), 2)).rejects.toThrow(
      "no centroid",
    );
  });

  test("openGpu() opens a device that destroy() closes", async () => {
    const gpu = await openGpu();
    expect(gpu.adapter.name).not.toBe("");
    gpu.destroy();
    expect(() => gpu.buffer("after", 4)).toThrow("it was closed");
  });
});
