// A kernel: one WGSL entry point with its reflected contract. The types come from the generated module, so a binding,
// parameter or override that the shader does not have is refused by the compiler.
import { invariant } from "../errors.ts";
import { shaders } from "../generated/shaders.ts";
import type { Grid } from "./grid.ts";

export type KernelName = keyof typeof shaders;
export type VariantName<K extends KernelName> = keyof (typeof shaders)[K]["variants"] & string;
export type BindingName<K extends KernelName> = (typeof shaders)[K]["bindings"][number]["name"];
export type ParamName<K extends KernelName> = (typeof shaders)[K]["params"][number]["name"];
export type OverrideName<K extends KernelName> = (typeof shaders)[K]["overrides"][number];

/** A buffer, or a stretch of one. Offsets are multiples of the device's storage alignment (256 is always safe). */
export type BufferSlice =
  | GPUBuffer
  | { readonly buffer: GPUBuffer; readonly offset: number; readonly size: number };

export interface KernelOptions<K extends KernelName> {
  /** Row of shaders/variants.json; "plain" needs no optional feature. Default: the one chosen for the adapter. */
  readonly variant?: VariantName<K>;
  readonly overrides?: Partial<Record<OverrideName<K>, number>>;
}

/** One dispatch, as plain data: what `Recorder.dispatch` takes. */
export interface Dispatch<K extends KernelName> extends KernelOptions<K> {
  readonly params: Record<ParamName<K>, number>;
  readonly bindings: Record<BindingName<K>, BufferSlice>;
  readonly grid: Grid | IndirectGrid;
}

/** A grid that earlier work on the device wrote: three u32 at the start of the buffer. */
export interface IndirectGrid {
  readonly indirect: GPUBuffer;
}

/** What shaders/build.ts knows of a kernel. */
export interface ShaderEntry {
  readonly bindings: readonly { readonly name: string; readonly access: "read" | "read_write" }[];
  readonly params: readonly { readonly name: string; readonly type: "u32" | "i32" | "f32" }[];
  readonly variants: Readonly<
    Record<
      string,
      {
        readonly requires: readonly string[];
        readonly subgroupSize: number | null;
        readonly workgroupBytes: number;
        readonly dimMultiple: number;
        readonly chosenFor: { readonly software: boolean; readonly subgroupSize: number } | null;
        readonly matrix: string | null;
        readonly layout: string;
        readonly code: string;
      }
    >
  >;
}

/** A compiled pipeline with its contract; made and cached by GpuContext. */
export interface CompiledKernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly entry: ShaderEntry;
}

export function kernelKey<K extends KernelName>(name: K, options: KernelOptions<K>): string {
  return `${name}.${options.variant ?? "plain"}${JSON.stringify(options.overrides ?? {})}`;
}

export function compileKernel<K extends KernelName>(
  device: GPUDevice,
  name: K,
  options: KernelOptions<K>,
): CompiledKernel {
  const entry: ShaderEntry = shaders[name];
  const variantName = options.variant ?? "plain";
  const variant = entry.variants[variantName];
  invariant(variant !== undefined, `shader ${name} has no variant ${variantName}`);
  for (const feature of variant.requires) {
    invariant(
      device.features.has(feature as GPUFeatureName),
      `${name}.${variantName} needs the feature ${feature}`,
    );
  }
  const label = `clipsieve.${name}`;
  const layout = device.createBindGroupLayout({
    label,
    entries: [
      { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: "uniform" } },
      ...entry.bindings.map(({ access }, index) => ({
        binding: index + 1,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: access === "read" ? ("read-only-storage" as const) : ("storage" as const) },
      })),
    ],
  });
  const pipeline = device.createComputePipeline({
    label,
    layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
    compute: {
      module: device.createShaderModule({ label, code: variant.code }),
      entryPoint: "main",
      constants: (options.overrides ?? {}) as Record<string, number>,
    },
  });
  return { pipeline, layout, entry };
}

/** Bytes that one dispatch's uniform takes: 4 per field, at least 16. */
export function paramsByteLength(entry: ShaderEntry): number {
  return Math.max(16, Math.ceil((entry.params.length * 4) / 16) * 16);
}

/** Writes the named values into `view` in the order and types of the shader's struct Params. */
export function packParams(
  entry: ShaderEntry,
  values: Readonly<Record<string, number>>,
  view: DataView,
  offset: number,
): void {
  entry.params.forEach(({ name, type }, index) => {
    const value = values[name];
    invariant(value !== undefined && !Number.isNaN(value), `parameter ${name} is missing`);
    const at = offset + index * 4;
    if (type === "f32") view.setFloat32(at, value, true);
    else if (type === "i32") view.setInt32(at, value, true);
    else view.setUint32(at, value, true);
  });
}
