// Which variant of a kernel a device runs. shaders/variants.json says what each needs to run and where it is taken unasked;
// of several that can run, a measurement may choose (src/kernels/tuning.ts).
import { shaders } from "../generated/shaders.ts";
import type { KernelName, ShaderEntry, VariantName } from "./kernel.ts";

/** Traits of the adapter and the features that the device was opened with. */
export interface VariantTraits {
  readonly software: boolean;
  readonly subgroupMinSize: number | null;
  readonly subgroupMaxSize: number | null;
  readonly maxWorkgroupStorageBytes: number;
  /** Shapes of subgroup matrices: "inputs sums MxNxK". */
  readonly matrixShapes: readonly string[];
  supports(feature: string): boolean;
}

/** Variants that measurements have chosen, by kernel. */
export type Tuning = { readonly [K in KernelName]?: string };

/** The variants that can run on such a device, on rows of `dim` values; "plain" always can. */
export function runnableVariants<K extends KernelName>(
  name: K,
  traits: VariantTraits,
  dim = 0,
): VariantName<K>[] {
  const entry: ShaderEntry = shaders[name];
  return Object.entries(entry.variants)
    .filter(
      ([, { requires, subgroupSize, workgroupBytes, dimMultiple, matrix }]) =>
        (subgroupSize === null || hasSubgroups(traits, subgroupSize)) &&
        workgroupBytes <= traits.maxWorkgroupStorageBytes &&
        dim % dimMultiple === 0 &&
        (matrix === null || traits.matrixShapes.includes(matrix)) &&
        requires.every((feature) => traits.supports(feature)),
    )
    .map(([variant]) => variant as VariantName<K>);
}

/** The variant that was measured to be best, else the one that variants.json names for such an adapter, else "plain". */
export function chooseVariant<K extends KernelName>(
  name: K,
  traits: VariantTraits,
  dim = 0,
  tuning: Tuning = {},
): VariantName<K> {
  const entry: ShaderEntry = shaders[name];
  const runnable = runnableVariants(name, traits, dim);
  const tuned = runnable.find((variant) => variant === tuning[name]);
  const usual = runnable.find((variant) => {
    const chosenFor = entry.variants[variant]?.chosenFor;
    return chosenFor?.software === traits.software && hasSubgroups(traits, chosenFor.subgroupSize);
  });
  return tuned ?? usual ?? ("plain" as VariantName<K>);
}

/** How the rows lie that a variant reads: "panels" (panel_pack), "rows" or "halves" (half_pack). */
export function layoutOf<K extends KernelName>(name: K, variant: VariantName<K>): string {
  const entry: ShaderEntry = shaders[name];
  return entry.variants[variant]?.layout ?? "panels";
}

function hasSubgroups({ subgroupMinSize, subgroupMaxSize }: VariantTraits, size: number): boolean {
  return subgroupMinSize === size && subgroupMaxSize === size;
}
