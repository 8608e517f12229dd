// Which variants of a kernel a device can run, and a device whose dispatches take the variants that a test names.

import { shaders } from "../../src/generated/shaders.ts";
import type { GpuContext, Recorder } from "../../src/gpu/context.ts";
import type { KernelName, ShaderEntry } from "../../src/gpu/kernel.ts";

export interface DeviceVariant {
  readonly name: string;
  /** Dimensions must be a multiple of it. */
  readonly dimMultiple: number;
  /** Why the device cannot run it; undefined where it can. */
  readonly missing: string | undefined;
}

export const kernelNames: readonly KernelName[] = Object.keys(shaders) as KernelName[];

export function variantsOn(gpu: GpuContext, kernel: KernelName): DeviceVariant[] {
  const entry: ShaderEntry = shaders[kernel];
  const runnable: readonly string[] = gpu.runnableVariants(kernel);
  return Object.entries(entry.variants).map(([name, needs]) => ({
    name,
    // What reads rows as vec4f is chosen by the dimension alone (src/kernels), not by the device.
    dimMultiple: name === "wide" ? 4 : needs.dimMultiple,
    missing: runnable.includes(name) ? undefined : missingFor(gpu, needs),
  }));
}

type Needs = ShaderEntry["variants"][string];

/** The first need of a variant that the device does not meet. */
function missingFor(gpu: GpuContext, { requires, subgroupSize, workgroupBytes, matrix }: Needs): string {
  const { subgroupMinSize, subgroupMaxSize, maxWorkgroupStorageBytes } = gpu.adapter;
  const feature = requires.find((required) => !gpu.supports(required));
  if (feature !== undefined) return `the device lacks ${feature}`;
  if (subgroupSize !== null && (subgroupMinSize !== subgroupSize || subgroupMaxSize !== subgroupSize))
    return `it needs subgroups of ${subgroupSize}, not ${subgroupMinSize} to ${subgroupMaxSize}`;
  if (workgroupBytes > maxWorkgroupStorageBytes)
    return `it needs ${workgroupBytes} bytes of workgroup memory, not ${maxWorkgroupStorageBytes}`;
  return `the device lacks matrices of ${matrix}`;
}

/**
 * The device with every dispatch of the named kernels forced to a variant where it takes the dimension, and variantOf
 * answering so, but for what `answers` has it say instead.
 */
export function withVariants(
  gpu: GpuContext,
  variants: Readonly<Partial<Record<KernelName, string>>>,
  answers: Readonly<Partial<Record<KernelName, string>>> = {},
): GpuContext {
  const forced = (name: KernelName, dim = 0): string | undefined => {
    const variant = variantsOn(gpu, name).find(({ name: known }) => known === variants[name]);
    return variant !== undefined && dim % variant.dimMultiple === 0 ? variant.name : undefined;
  };
  const submit: GpuContext["submit"] = (label, record) =>
    gpu.submit(label, (recorder) => {
      const dispatch: Recorder["dispatch"] = (name, options) => {
        const variant = forced(name, (options.params as { readonly dim?: number }).dim);
        recorder.dispatch(name, variant === undefined ? options : { ...options, variant: variant as never });
      };
      record({ ...recorder, dispatch });
    });
  const variantOf: GpuContext["variantOf"] = (name, dim) =>
    ((answers[name] ?? forced(name, dim)) as never) ?? gpu.variantOf(name, dim);
  return new Proxy(gpu, {
    get: (target, key) => {
      if (key === "submit") return submit;
      if (key === "variantOf") return variantOf;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
