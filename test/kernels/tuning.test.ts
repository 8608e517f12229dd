import { expect, test } from "vitest";
import { tuneKernels } from "../../src/kernels/tuning.ts";
import { useGpu } from "../support/gpu.ts";

const context = useGpu();

test("the variant that is measured to be fastest can run, and the device is left as it was", async () => {
  const { gpu } = context;
  const { kmeans_assign } = await tuneKernels(gpu);
  expect(gpu.runnableVariants("kmeans_assign", 256)).toContain(kmeans_assign);
  expect(gpu.tuning).toEqual({});
  gpu.tuning = { kmeans_assign: "plain" };
  expect(gpu.variantOf("kmeans_assign", 256)).toBe("plain");
  gpu.tuning = {};
});
