import { describe, expect, test } from "vitest";
import { kernelChecks } from "../gpu_machine/kernel_checks.ts";
import { wayChecks } from "../gpu_machine/way_checks.ts";
import { useGpu } from "../support/gpu.ts";
import { kernelNames, variantsOn } from "../support/variants.ts";

describe("the checks of a GPU machine", { timeout: 120_000 }, () => {
  const context = useGpu();

  test("pass in small on the device of the tests", async () => {
    const { gpu } = context;
    const failed: string[] = [];
    // Software adapters take long to compile the unrolled tile, which is for GPUs.
    const checks = [...kernelChecks(gpu, true), ...wayChecks(gpu, true)].filter(
      ({ name }) => !gpu.adapter.software || !name.includes("(tile)"),
    );
    for (const { name, run } of checks)
      await run(gpu).catch((error: unknown) => failed.push(`${name}: ${String(error)}`));
    expect(failed).toEqual([]);
    expect(checks.length).toBeGreaterThan(kernelNames.length);
  });

  test("name what the device lacks", () => {
    const { gpu } = context;
    const missing = variantsOn(gpu, "kmeans_screen").find(({ name }) => name === "matrix")?.missing;
    expect(missing === undefined).toBe(gpu.adapter.matrixShapes.includes("f16 f32 16x16x16"));
  });
});
