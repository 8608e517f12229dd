// What an adapter is, in plain data for messages, reports and the choice of kernels.

import { DeviceUnavailableError } from "../errors.ts";
import type { DevicePreference } from "../types.ts";
import type { GpuProvider } from "./provider.ts";

export interface AdapterSummary {
  /** "nvidia hopper (NVIDIA: 580.159.04)" or "llvmpipe (LLVM 15.0.6, 256 bits)". */
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** Whether the adapter computes on the CPU (lavapipe, SwiftShader, WARP). */
  readonly software: boolean;
  readonly features: readonly string[];
  readonly maxStorageBindingBytes: number;
  readonly maxBufferBytes: number;
  readonly maxWorkgroupStorageBytes: number;
  readonly subgroupMinSize: number | null;
  readonly subgroupMaxSize: number | null;
  /** Shapes of subgroup matrices it offers: "f16 f32 16x16x16" for f16 inputs, f32 sums, M x N x K. */
  readonly matrixShapes: readonly string[];
  /** Which WebGPU this is: "dawn.node" or "navigator.gpu". */
  readonly provider: string;
}

/** What Dawn tells beyond the standard. */
interface ExperimentalAdapterInfo extends GPUAdapterInfo {
  readonly isFallbackAdapter: boolean;
  readonly subgroupMatrixConfigs?: readonly {
    readonly componentType: string;
    readonly resultComponentType: string;
    readonly M: number;
    readonly N: number;
    readonly K: number;
  }[];
}

const softwareNames = /llvmpipe|lavapipe|swiftshader|basic render|warp/i;

/** Optional features that some kernel variant can use. */
const usefulFeatures = [
  "shader-f16",
  "subgroups",
  "timestamp-query",
  "chromium-experimental-subgroup-matrix",
];

export function summarizeAdapter(adapter: GPUAdapter, provider: string): AdapterSummary {
  const info = adapter.info as ExperimentalAdapterInfo;
  const described = info.description || info.device;
  const software =
    info.isFallbackAdapter === true || softwareNames.test(`${described} ${info.architecture} ${info.vendor}`);
  const family = [info.vendor, info.architecture].filter((part) => part !== "").join(" ");
  // NVIDIA's driver describes itself by its version alone; the family says which chip it is.
  const name = described === "" ? family : software ? described : `${family} (${described})`;
  return {
    name: name || "unnamed adapter",
    vendor: info.vendor,
    architecture: info.architecture,
    software,
    features: [...(adapter.features as ReadonlySet<string>)].sort(),
    maxStorageBindingBytes: adapter.limits.maxStorageBufferBindingSize,
    maxBufferBytes: adapter.limits.maxBufferSize,
    maxWorkgroupStorageBytes: adapter.limits.maxComputeWorkgroupStorageSize,
    subgroupMinSize: info.subgroupMinSize ?? null,
    subgroupMaxSize: info.subgroupMaxSize ?? null,
    matrixShapes: (info.subgroupMatrixConfigs ?? []).map(
      ({ componentType, resultComponentType, M, N, K }) =>
        `${componentType} ${resultComponentType} ${M}x${N}x${K}`,
    ),
    provider,
  };
}

export interface AdapterRequest {
  readonly device?: DevicePreference;
  readonly quietly?: <T>(work: () => T) => T;
}

/** Asks for the best adapter that the preference allows. */
export async function requestAdapter(
  { gpu, name: provider }: Pick<GpuProvider, "gpu" | "name">,
  { device: preference = "auto", quietly = (work) => work() }: AdapterRequest,
): Promise<GPUAdapter> {
  const attempts: GPURequestAdapterOptions[] =
    preference === "software"
      ? [{ forceFallbackAdapter: true }, {}]
      : [{ powerPreference: "high-performance" }, { forceFallbackAdapter: true }];
  for (const options of attempts) {
    const adapter = await quietly(() => gpu.requestAdapter(options));
    if (adapter === null) continue;
    const { software, name } = summarizeAdapter(adapter, provider);
    if (preference === "gpu" && software) {
      throw new DeviceUnavailableError(
        `Cannot use a real GPU as the only adapter found computes on the CPU: ${name}. Install the GPU's Vulkan driver, or allow it with --device auto`,
      );
    }
    if (preference === "software" && !software) continue;
    return adapter;
  }
  throw new DeviceUnavailableError(
    preference === "software"
      ? "Cannot find a software adapter. On Debian 12: apt-get install -t bookworm-backports mesa-vulkan-drivers"
      : "Cannot find a GPU adapter. Install the GPU's Vulkan driver, or a software one (on Debian 12: apt-get install -t bookworm-backports mesa-vulkan-drivers); `clipsieve doctor` says more",
  );
}

/** The device we ask for: every limit the adapter has, and the optional features that kernels can use. */
export function deviceDescriptor(adapter: GPUAdapter): GPUDeviceDescriptor {
  const wanted = [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxComputeWorkgroupStorageSize",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupSizeX",
    "maxStorageBuffersPerShaderStage",
  ] as const;
  return {
    label: "clipsieve.device",
    requiredFeatures: usefulFeatures.filter((name) =>
      adapter.features.has(name as GPUFeatureName),
    ) as GPUFeatureName[],
    requiredLimits: Object.fromEntries(wanted.map((name) => [name, adapter.limits[name]])),
  };
}
