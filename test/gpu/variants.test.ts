import { describe, expect, test } from "vitest";
import { pairwisePairs } from "../../src/dedup/similar_pairs.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import type { KernelName } from "../../src/gpu/kernel.ts";
import { chooseVariant, runnableVariants, type VariantTraits } from "../../src/gpu/variant_choice.ts";
import { kmeansAssign } from "../../src/kernels/kmeans_assign.ts";
import { pairwiseMax } from "../../src/kernels/pairwise_max.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";
import { withVariants } from "../support/variants.ts";

const lavapipe: VariantTraits = {
  software: true,
  subgroupMinSize: 8,
  subgroupMaxSize: 8,
  matrixShapes: [],
  maxWorkgroupStorageBytes: 32_768,
  supports: (feature) => feature === "subgroups",
};

describe("chooseVariant()", () => {
  test.each([
    ["a software adapter with subgroups of 8", {}, "held8"],
    ["a real GPU", { software: false, subgroupMinSize: 32, subgroupMaxSize: 32 }, "tile"],
    ["a software adapter with other subgroups", { subgroupMinSize: 4, subgroupMaxSize: 4 }, "plain"],
    ["subgroups of several sizes", { subgroupMaxSize: 16 }, "plain"],
    ["a runtime without the feature", { supports: () => false }, "plain"],
    ["unknown subgroups", { subgroupMinSize: null, subgroupMaxSize: null }, "plain"],
  ] as const)("%s", (_, traits, variant) => {
    expect(chooseVariant("kmeans_assign", { ...lavapipe, ...traits })).toBe(variant);
  });

  test("what was measured goes before what the table says, where it can run", () => {
    const gpu = { ...lavapipe, software: false, subgroupMinSize: 32, subgroupMaxSize: 32 };
    const choose = (dim: number, kmeans_assign: string) =>
      chooseVariant("kmeans_assign", gpu, dim, { kmeans_assign });
    expect(choose(512, "plain")).toBe("plain");
    expect(choose(512, "tile")).toBe("tile");
    expect(choose(511, "tile")).toBe("plain");
    expect(choose(512, "lanes8")).toBe("tile");
  });

  test("a variant that takes more workgroup memory than there is cannot run", () => {
    const small = { ...lavapipe, software: false, maxWorkgroupStorageBytes: 16_384 };
    expect(runnableVariants("kmeans_assign", small, 512)).toEqual(["plain", "lanes8"]);
    expect(chooseVariant("kmeans_assign", { ...small, software: true }, 512)).toBe("lanes8");
    expect(runnableVariants("kmeans_assign", { ...small, maxWorkgroupStorageBytes: 25_088 }, 512)).toContain(
      "tile",
    );
  });

  test("of several for the same adapter the first that takes the dimension is chosen", () => {
    const choices = [512, 768, 500, 64].map((dim) => chooseVariant("kmeans_assign", lavapipe, dim));
    expect(choices).toEqual(["held8", "held8", "lanes8", "lanes8"]);
  });

  test("a kernel with one variant has no choice", () => {
    expect(chooseVariant("kmeans_cost", lavapipe)).toBe("plain");
  });
});

describe("variants of a kernel", () => {
  const context = useGpu();

  const plainly = (gpu: GpuContext, kernel: KernelName): GpuContext =>
    withVariants(gpu, { [kernel]: "plain" });

  test.each([
    [1, 1, 1],
    [65, 9, 3],
    [200, 130, 33],
    [64, 128, 128],
    [65, 129, 256],
    [129, 64, 512],
    [127, 300, 384],
  ])("kmeans_assign gives the same bits: %i rows, %i centroids, %i dimensions", async (rows, k, dim) => {
    const values = randomNormals(rows * dim, 1);
    const centroids = randomNormals(k * dim, 2);
    const chosen = await kmeansAssign(context.gpu, values, centroids, dim);
    const plain = await kmeansAssign(plainly(context.gpu, "kmeans_assign"), values, centroids, dim);
    expect(chosen).toEqual(plain);
  });

  test.each([
    [1, 1, 1],
    [70, 7, 3],
    [300, 40, 17],
    [513, 513, 64],
  ])("pairwise_max gives the same bits: %i rows in groups of %i, %i dimensions", async (rows, size, dim) => {
    const values = rowNormalize(randomNormals(rows * dim, 3), dim).rows;
    const starts = Uint32Array.from({ length: rows }, (_, row) => row - (row % size));
    const chosen = await pairwiseMax(context.gpu, values, dim, starts);
    const plain = await pairwiseMax(plainly(context.gpu, "pairwise_max"), values, dim, starts);
    expect(chosen).toEqual(plain);
  });

  test.each([
    [1, 1, 1],
    [70, 7, 3],
    [200, 130, 100],
  ])(
    "pairwise_screen keeps the same matches: %i rows in groups of %i, %i dimensions",
    async (rows, size, dim) => {
      const values = rowNormalize(randomNormals(rows * dim, 3), dim).rows;
      const starts = Uint32Array.from({ length: rows }, (_, row) => row - (row % size));
      const options = { threshold: Math.fround(0.3), starts };
      const chosen = await pairwisePairs(context.gpu, values, dim, options);
      expect(chosen).toEqual(
        await pairwisePairs(plainly(context.gpu, "pairwise_screen"), values, dim, options),
      );
    },
  );
});
