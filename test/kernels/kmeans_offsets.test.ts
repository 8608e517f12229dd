import { describe, expect, test } from "vitest";
import { kmeansOffsets } from "../../src/kernels/kmeans_offsets.ts";
import { kmeansOffsets as reference } from "../../src/reference/kmeans_offsets.ts";
import { useGpu } from "../support/gpu.ts";
import { randomLabels } from "./labels.ts";

describe("kmeansOffsets()", () => {
  const context = useGpu();

  test.each([
    [0, 5],
    [1, 1],
    [7, 63],
    [8, 64],
    [31, 33],
    [9, 65],
    [15, 1],
    [64, 1000],
    [17, 70_001],
  ])("%i tiles of %i clusters equal the twin", async (tileCount, k) => {
    const counts = randomLabels(tileCount * k, 1025, 3);
    expect(await kmeansOffsets(context.gpu, counts, k)).toEqual(reference(counts, k));
  });
});
