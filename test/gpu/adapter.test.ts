import { describe, expect, test } from "vitest";
import { DeviceUnavailableError } from "../../src/errors.ts";
import { requestAdapter, summarizeAdapter } from "../../src/gpu/adapter.ts";

interface AdapterFacts {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}

function adapter(facts: AdapterFacts): GPUAdapter {
  const info = {
    vendor: "",
    architecture: "",
    device: "",
    description: "",
    isFallbackAdapter: false,
    ...facts,
  };
  return {
    info,
    features: new Set(["subgroups"]),
    limits: { maxStorageBufferBindingSize: 128 },
  } as unknown as GPUAdapter;
}

const nvidia = adapter({ vendor: "nvidia", architecture: "hopper", description: "NVIDIA: 580.159.04" });
const lavapipe = adapter({
  vendor: "mesa",
  architecture: "software",
  description: "llvmpipe: Mesa 25.0.7",
  isFallbackAdapter: true,
});

/** A GPU object that hands out the given adapters: the first as the best, the second as the fallback. */
function gpuWith(
  best: GPUAdapter | null,
  fallback: GPUAdapter | null,
): { readonly gpu: GPU; readonly name: string } {
  const pick = async (options?: GPURequestAdapterOptions) =>
    options?.forceFallbackAdapter === true ? fallback : best;
  return { gpu: { requestAdapter: pick } as unknown as GPU, name: "test" };
}

describe("summarizeAdapter()", () => {
  test.each([
    [nvidia, "nvidia hopper (NVIDIA: 580.159.04)", false],
    [lavapipe, "llvmpipe: Mesa 25.0.7", true],
    [adapter({ vendor: "google", architecture: "swiftshader" }), "google swiftshader", true],
    [adapter({ vendor: "apple", architecture: "metal-3" }), "apple metal-3", false],
    [adapter({}), "unnamed adapter", false],
  ])("names an adapter and tells software from hardware", (given, name, software) => {
    expect(summarizeAdapter(given, "test")).toMatchObject({
      name,
      software,
      provider: "test",
      features: ["subgroups"],
    });
  });
});

describe("requestAdapter()", () => {
  test("prefers a real GPU, and takes the fallback where there is none", async () => {
    expect(await requestAdapter(gpuWith(nvidia, lavapipe), {})).toBe(nvidia);
    expect(await requestAdapter(gpuWith(null, lavapipe), {})).toBe(lavapipe);
  });

  test("takes the software adapter on request, also beside a real GPU", async () => {
    expect(await requestAdapter(gpuWith(nvidia, lavapipe), { device: "software" })).toBe(lavapipe);
  });

  test("refuses a software adapter where a real GPU is asked for", async () => {
    const request = requestAdapter(gpuWith(lavapipe, lavapipe), { device: "gpu" });
    await expect(request).rejects.toThrow(
      "the only adapter found computes on the CPU: llvmpipe: Mesa 25.0.7",
    );
    await expect(request).rejects.toBeInstanceOf(DeviceUnavailableError);
  });

  test("says what to install where there is no adapter at all", async () => {
    await expect(requestAdapter(gpuWith(null, null), {})).rejects.toThrow("mesa-vulkan-drivers");
  });

  test("has the native call wrapped", async () => {
    let calls = 0;
    await requestAdapter(gpuWith(nvidia, null), {
      quietly: (work) => {
        calls++;
        return work();
      },
    });
    expect(calls).toBe(1);
  });
});
