import { describe, expect, test } from "vitest";
import { kmeansBases } from "../../src/kernels/kmeans_bases.ts";
import { kmeansBases as reference } from "../../src/reference/kmeans_bases.ts";
import { useGpu } from "../support/gpu.ts";
import { randomLabels } from "./labels.ts";

describe("kmeansBases()", () => {
  const context = useGpu();

  test.each([1, 2, 255, 256, 257, 1000, 65_536])("%i clusters equal the twin", async (k) => {
    const totals = randomLabels(k, 1000, k);
    expect(await kmeansBases(context.gpu, totals)).toEqual(reference(totals));
  });

  test("empty clusters begin where the next one does", async () => {
    expect([...(await kmeansBases(context.gpu, Uint32Array.of(0, 3, 0, 0, 2)))]).toEqual([0, 0, 3, 3, 3, 5]);
  });
});
