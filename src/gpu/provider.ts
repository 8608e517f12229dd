// Where a GPU object comes from on each runtime: the platform's own navigator.gpu (browsers, Deno), else Dawn's node
// bindings (Node, Bun). The one place that touches navigator.gpu or Dawn's `create`. The trap: what Dawn has scheduled (it
// polls on setImmediate while a promise is pending) points at the object that `create` returned without keeping it. Where that
// is collected first, a destroyed device among what it made, the process crashes or stands still for ever. So it never is.
import { DeviceUnavailableError } from "../errors.ts";

interface RuntimeGlobals {
  readonly navigator?: { readonly gpu?: GPU };
  readonly process?: { readonly env: Record<string, string | undefined>; readonly platform?: string };
}

export interface GpuProvider {
  readonly gpu: GPU;
  /** "navigator.gpu" or "dawn.node". */
  readonly name: string;
  /** Whether a pending promise makes the runtime spin (dawn.node polls on setImmediate). */
  readonly polls: boolean;
}

/** Experimental features and NVIDIA's f16 stay hidden in Dawn unless asked for. */
const dawnFeatures = ["allow_unsafe_apis", "vulkan_enable_f16_on_nvidia"];
const trustingFeatures = ["disable_robustness", "skip_validation"];

export interface ProviderOptions {
  /** Flags for Dawn (`backend=null` validates shaders without any GPU); they imply it. */
  readonly flags?: readonly string[];
  /**
   * Leaves out Dawn's clamp of every index and its check of every call. Our kernels keep their own bounds, and software
   * adapters, on which the tests run, keep both. On a GPU the clamp halves the speed of matrix kernels, and each indirect
   * dispatch is preceded by one that checks it: a third of a round of k-means (bench/NOTES.md).
   */
  readonly trusting?: boolean;
}

/** By its flags: each once for the life of the process, as there is no telling when Dawn has nothing scheduled. */
const dawnGpus = new Map<string, GPU>();

/** Finds WebGPU on this runtime. `CLIPSIEVE_WEBGPU=dawn` prefers Dawn where the runtime has WebGPU of its own (Deno). */
export async function openGpuProvider({
  flags = [],
  trusting = false,
}: ProviderOptions = {}): Promise<GpuProvider> {
  const { navigator, process } = globalThis as unknown as RuntimeGlobals;
  const wantsDawn = flags.length > 0 || readEnvironment(process, "CLIPSIEVE_WEBGPU") === "dawn";
  if (navigator?.gpu !== undefined && !wantsDawn)
    return { gpu: navigator.gpu, name: "navigator.gpu", polls: false };
  // A specifier in a variable keeps bundlers and browser type checks away from the native package.
  const packageName: string = "webgpu";
  let dawn: { create(flags: readonly string[]): GPU; globals: object };
  try {
    dawn = await import(/* @vite-ignore */ packageName);
  } catch (cause) {
    throw new DeviceUnavailableError(
      "Cannot reach a GPU as this runtime has no navigator.gpu and the package 'webgpu' cannot be loaded. Install it with: npm install webgpu",
      { cause },
    );
  }
  Object.assign(globalThis, dawn.globals);
  // Mesa prints a line about a missing XDG_RUNTIME_DIR that says nothing to a user.
  if (process?.platform === "linux") process.env.XDG_RUNTIME_DIR ??= "/tmp";
  const features = [...dawnFeatures, ...(trusting ? trustingFeatures : [])];
  const create = [
    `enable-dawn-features=${features.join(",")}`,
    "disable-dawn-features=timestamp_quantization",
    ...flags,
  ];
  const key = JSON.stringify(create);
  const gpu = dawnGpus.get(key) ?? dawn.create(create);
  dawnGpus.set(key, gpu);
  return { gpu, name: "dawn.node", polls: true };
}

/** Deno refuses to read an environment variable without permission: that reads as unset. */
function readEnvironment(process: RuntimeGlobals["process"], name: string): string | undefined {
  try {
    return process?.env[name];
  } catch {
    return undefined;
  }
}
