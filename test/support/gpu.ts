// The GPU that tests run on: one device for each test file, and a missing adapter is a failure. Only GPU=none in the
// environment passes these tests over, each with that reason in the report.
import { afterAll, beforeAll, beforeEach } from "vitest";
import { GpuContext } from "../../src/gpu/context.ts";

/** Opens a device before the tests of a file and closes it after them. */
export function useGpu(): { readonly gpu: GpuContext } {
  let context: GpuContext | undefined;
  const without = process.env.GPU === "none";
  beforeEach(({ skip }) => skip(without, "GPU=none was said"));
  beforeAll(async () => {
    if (!without) context = await GpuContext.acquire();
  });
  afterAll(async () => {
    await context?.settle();
    context?.destroy();
  });
  return {
    get gpu() {
      if (context === undefined) throw new Error("The device is open only while tests run");
      return context;
    },
  };
}
