// One GPU device and what every kernel needs of it: named buffers, cached pipelines, batched submissions inside error
// scopes, read-back through reused staging buffers, and a typed error once the device is lost.
import { DeviceLostError, DeviceUnavailableError, GpuValidationError, invariant } from "../errors.ts";
import type { DevicePreference } from "../types.ts";
import { type AdapterSummary, deviceDescriptor, requestAdapter, summarizeAdapter } from "./adapter.ts";
import { BufferPool } from "./buffer_pool.ts";
import type { Grid } from "./grid.ts";
import {
  type BufferSlice,
  type CompiledKernel,
  compileKernel,
  type Dispatch,
  type IndirectGrid,
  type KernelName,
  type KernelOptions,
  kernelKey,
  packParams,
  paramsByteLength,
  type VariantName,
} from "./kernel.ts";
import { type KernelTime, KernelTimer } from "./kernel_timer.ts";
import { type GpuProvider, openGpuProvider } from "./provider.ts";
import { StagingPool } from "./staging.ts";
import { chooseVariant, runnableVariants, type Tuning, type VariantTraits } from "./variant_choice.ts";
import { waitForGpu } from "./wait.ts";

export interface GpuContextOptions {
  /** "auto" takes a real GPU where there is one and a software adapter otherwise. Default "auto". */
  readonly device?: DevicePreference;
  /** Wraps the native call that finds adapters: a place to silence what it prints. */
  readonly quietly?: <T>(work: () => T) => T;
}

type TypedArray = Float32Array | Uint32Array | Int32Array | Uint8Array;

/** Collects the dispatches and copies of one submission, in order. */
export interface Recorder {
  dispatch<K extends KernelName>(kernel: K, dispatch: Dispatch<K>): void;
  copy(source: BufferSlice, target: BufferSlice, byteLength: number): void;
  clear(target: GPUBuffer): void;
}

const paramsStride = 256;

export class GpuContext {
  readonly device: GPUDevice;
  readonly adapter: AdapterSummary;
  /** Variants that measurements chose for this device (src/kernels/tuning.ts), in place of those that tables name. */
  tuning: Tuning = {};
  readonly #polls: boolean;
  readonly #kernels = new Map<string, CompiledKernel>();
  readonly #staging: StagingPool;
  readonly #pool: BufferPool | undefined;
  readonly #traits: VariantTraits;
  readonly #complaints: Promise<GPUError | null>[] = [];
  #paramsBuffer: GPUBuffer | undefined;
  #timer: KernelTimer | undefined;
  #lost: DeviceLostError | undefined;

  /** Rejects with DeviceUnavailableError where there is no adapter of the kind asked for. */
  static async acquire(options: GpuContextOptions = {}): Promise<GpuContext> {
    let provider = await openGpuProvider();
    let adapter = await requestAdapter(provider, options);
    let summary = summarizeAdapter(adapter, provider.name);
    if (!summary.software && provider.name === "dawn.node") {
      provider = await openGpuProvider({ trusting: true });
      adapter = await requestAdapter(provider, options);
      summary = summarizeAdapter(adapter, provider.name);
    }
    let device: GPUDevice;
    try {
      device = await adapter.requestDevice(deviceDescriptor(adapter));
    } catch (cause) {
      throw new DeviceUnavailableError(
        `Cannot open a device on the adapter ${summary.name} as it refused: ${String(cause)}`,
        { cause },
      );
    }
    return new GpuContext(provider, device, summary);
  }

  private constructor(provider: GpuProvider, device: GPUDevice, adapter: AdapterSummary) {
    this.#polls = provider.polls;
    this.device = device;
    this.adapter = adapter;
    this.#traits = { ...adapter, supports: (feature) => this.supports(feature) };
    this.#staging = new StagingPool(device);
    this.#pool = adapter.software ? undefined : new BufferPool(this.maxBindingBytes);
    void device.lost.then(({ reason, message }) => {
      this.#lost ??= new DeviceLostError(
        `Cannot go on as the GPU device was lost (${reason || "unknown"}): ${message || "no message"}`,
      );
    });
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#complaints.push(Promise.resolve(event.error));
    });
  }

  get lost(): DeviceLostError | undefined {
    return this.#lost;
  }

  /** Bytes that one storage binding may span on this device. */
  get maxBindingBytes(): number {
    return Math.min(this.device.limits.maxStorageBufferBindingSize, this.device.limits.maxBufferSize);
  }

  supports(feature: string): boolean {
    return this.device.features.has(feature as GPUFeatureName);
  }

  /** A storage buffer of at least `byteLength` bytes (never empty: WebGPU refuses empty bindings), zero-filled. */
  buffer(label: string, byteLength: number): GPUBuffer {
    this.#throwIfLost();
    if (!Number.isSafeInteger(byteLength) || byteLength < 0)
      throw new RangeError(
        `Cannot make the buffer ${label} as its size is no number of bytes: ${byteLength}`,
      );
    const size = Math.max(16, Math.ceil(byteLength / 4) * 4);
    if (size > this.device.limits.maxBufferSize) {
      throw new RangeError(
        `Cannot make the buffer ${label} as the device allows ${this.device.limits.maxBufferSize} bytes: ${size}`,
      );
    }
    const idle = this.#pool?.take(size);
    if (idle !== undefined) {
      idle.label = `clipsieve.${label}`;
      const encoder = this.device.createCommandEncoder({ label: "clipsieve.clear" });
      encoder.clearBuffer(idle);
      this.device.queue.submit([encoder.finish()]);
      return idle;
    }
    const made = this.device.createBuffer({
      label: `clipsieve.${label}`,
      size: this.#pool?.sizeFor(size) ?? size,
      usage:
        GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST | GPUBufferUsage.INDIRECT,
    });
    return this.#pool?.made(made) ?? made;
  }

  /** Ends the use of a buffer; work submitted before goes on with it. */
  free(buffer: GPUBuffer): void {
    if (this.#pool === undefined || this.#lost !== undefined) buffer.destroy();
    else this.#pool.give(buffer);
  }

  /** A storage buffer that holds a copy of `data`. */
  upload(label: string, data: TypedArray): GPUBuffer {
    const buffer = this.buffer(label, data.byteLength);
    this.write(buffer, 0, data);
    return buffer;
  }

  /** Copies `data` into a buffer at a byte offset (a multiple of 4). Bytes are padded with zeros to a multiple of 4. */
  write(buffer: GPUBuffer, offset: number, data: TypedArray): void {
    this.#throwIfLost();
    requireRange("write", buffer, offset, data.byteLength);
    if (data.byteLength === 0) return;
    if (data.byteLength % 4 === 0) {
      this.device.queue.writeBuffer(
        buffer,
        offset,
        data.buffer as ArrayBuffer,
        data.byteOffset,
        data.byteLength,
      );
      return;
    }
    const padded = new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
    padded.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.device.queue.writeBuffer(buffer, offset, padded);
  }

  /** The variant of a kernel that is taken on this device for rows of `dim` values. */
  variantOf<K extends KernelName>(name: K, dim = 0): VariantName<K> {
    return chooseVariant(name, this.#traits, dim, this.tuning);
  }

  /** All variants of a kernel that this device can run on rows of `dim` values. */
  runnableVariants<K extends KernelName>(name: K, dim = 0): VariantName<K>[] {
    return runnableVariants(name, this.#traits, dim);
  }

  /** Compiles a kernel ahead of its first dispatch. */
  prepare<K extends KernelName>(name: K, options: KernelOptions<K> = {}, dim = 0): CompiledKernel {
    const variant = options.variant ?? this.variantOf(name, dim);
    const key = kernelKey(name, { ...options, variant });
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) {
      kernel = compileKernel(this.device, name, { ...options, variant });
      this.#kernels.set(key, kernel);
    }
    return kernel;
  }

  /** Records and submits one batch of work. Complaints of the device surface at the next `read` or `settle`. */
  submit(label: string, record: (recorder: Recorder) => void): void {
    this.#throwIfLost();
    this.device.pushErrorScope("validation");
    this.device.pushErrorScope("out-of-memory");
    try {
      this.#encode(label, record);
    } finally {
      this.#complaints.push(this.device.popErrorScope(), this.device.popErrorScope());
    }
  }

  /** Bytes [offset, offset + byteLength) of a buffer, once all work submitted before is done. */
  async read(source: GPUBuffer, byteLength: number, offset = 0): Promise<ArrayBuffer> {
    this.#throwIfLost();
    requireRange("read", source, offset, byteLength);
    if (byteLength === 0) return new ArrayBuffer(0);
    const bytes = await this.#guard(this.#staging.read(source, offset, byteLength));
    await this.#throwComplaints();
    return bytes;
  }

  async readFloats(source: GPUBuffer, count: number, offset = 0): Promise<Float32Array> {
    return new Float32Array(await this.read(source, count * 4, offset * 4));
  }

  async readUints(source: GPUBuffer, count: number, offset = 0): Promise<Uint32Array> {
    return new Uint32Array(await this.read(source, count * 4, offset * 4));
  }

  /** Resolves once all submitted work is done; throws what the device complained about. */
  async settle(): Promise<void> {
    this.#throwIfLost();
    await this.#guard(this.device.queue.onSubmittedWorkDone());
    await this.#throwComplaints();
  }

  /** Runs `work`, and says what each kernel in it took on the device's clock; null where the device has none. */
  async timed<T>(work: () => Promise<T>): Promise<{ result: T; kernels: readonly KernelTime[] | null }> {
    if (!this.supports("timestamp-query")) return { result: await work(), kernels: null };
    const timer = new KernelTimer(this.device);
    this.#timer = timer;
    try {
      const result = await work();
      const buffer = timer.resolve();
      const timestamps = new BigUint64Array(await this.read(buffer, buffer.size));
      buffer.destroy();
      return { result, kernels: timer.sum(timestamps) };
    } finally {
      this.#timer = undefined;
      timer.destroy();
    }
  }

  /** Frees the device and lets the process end. */
  destroy(): void {
    this.#lost ??= new DeviceLostError("Cannot use the GPU device as it was closed");
    this.device.destroy();
  }

  #encode(label: string, record: (recorder: Recorder) => void): void {
    const encoder = this.device.createCommandEncoder({ label: `clipsieve.${label}` });
    const pending: {
      kernel: CompiledKernel;
      values: Readonly<Record<string, number>>;
      bindings: Readonly<Record<string, BufferSlice>>;
      grid: Grid | IndirectGrid;
    }[] = [];
    const steps: (() => void)[] = [];
    // Dispatches that follow one another share a pass, which costs as much to begin as a dispatch; a timer wants one for each.
    let pass: GPUComputePassEncoder | undefined;
    const endPass = (): void => {
      pass?.end();
      pass = undefined;
    };
    const passFor = (name: string): GPUComputePassEncoder => {
      if (this.#timer !== undefined) endPass();
      pass ??= encoder.beginComputePass({
        label: `clipsieve.${label}`,
        ...(this.#timer && { timestampWrites: this.#timer.timestampsOf(name) }),
      });
      return pass;
    };
    record({
      dispatch: (name, dispatch) => {
        const index = pending.length;
        pending.push({
          kernel: this.prepare(name, dispatch, (dispatch.params as { readonly dim?: number }).dim),
          values: dispatch.params,
          bindings: dispatch.bindings,
          grid: dispatch.grid,
        });
        steps.push(() => this.#encodeDispatch(passFor(name), name, index, pending[index]!));
      },
      copy: (source, target, byteLength) => {
        const from = sliceOf(source);
        const to = sliceOf(target);
        steps.push(() => {
          endPass();
          encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, byteLength);
        });
      },
      clear: (target) =>
        steps.push(() => {
          endPass();
          encoder.clearBuffer(target);
        }),
    });
    if (pending.length > 0) {
      const params = new ArrayBuffer(pending.length * paramsStride);
      pending.forEach(({ kernel, values }, index) => {
        packParams(kernel.entry, values, new DataView(params), index * paramsStride);
      });
      this.device.queue.writeBuffer(this.#paramsOf(params.byteLength), 0, params);
    }
    for (const step of steps) step();
    endPass();
    this.device.queue.submit([encoder.finish()]);
  }

  #encodeDispatch(
    pass: GPUComputePassEncoder,
    name: string,
    index: number,
    {
      kernel,
      bindings,
      grid,
    }: { kernel: CompiledKernel; bindings: Readonly<Record<string, BufferSlice>>; grid: Grid | IndirectGrid },
  ): void {
    pass.setPipeline(kernel.pipeline);
    pass.setBindGroup(
      0,
      this.device.createBindGroup({
        label: `clipsieve.${name}`,
        layout: kernel.layout,
        entries: [
          {
            binding: 0,
            resource: {
              buffer: this.#paramsBuffer!,
              offset: index * paramsStride,
              size: paramsByteLength(kernel.entry),
            },
          },
          ...kernel.entry.bindings.map((binding, position) => {
            const slice = bindings[binding.name];
            invariant(slice !== undefined, `binding ${binding.name} of ${name} is missing`);
            return { binding: position + 1, resource: "buffer" in slice ? slice : { buffer: slice } };
          }),
        ],
      }),
    );
    if ("indirect" in grid) pass.dispatchWorkgroupsIndirect(grid.indirect, 0);
    else pass.dispatchWorkgroups(...grid);
  }

  /** The queue orders writes with submissions, so one parameter buffer serves them all. */
  #paramsOf(byteLength: number): GPUBuffer {
    if (this.#paramsBuffer === undefined || this.#paramsBuffer.size < byteLength) {
      this.#paramsBuffer = this.device.createBuffer({
        label: "clipsieve.params",
        size: Math.max(byteLength, 64 * paramsStride),
        usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      });
    }
    return this.#paramsBuffer;
  }

  async #wait<T>(promise: Promise<T>): Promise<T> {
    return await waitForGpu(promise, {
      polls: this.#polls,
      software: this.adapter.software,
    });
  }

  async #guard<T>(work: Promise<T>): Promise<T> {
    try {
      return await this.#wait(work);
    } catch (cause) {
      // A loss is told first to the pending promise, then to `device.lost`.
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
      this.#throwIfLost();
      throw cause;
    }
  }

  async #throwComplaints(): Promise<void> {
    for (const complaint of this.#complaints.splice(0)) {
      const error = await this.#wait(complaint).catch(() => null);
      if (error !== null)
        throw new GpuValidationError(
          `The GPU refused a submission on ${this.adapter.name}: ${error.message}`,
        );
    }
    this.#throwIfLost();
  }

  #throwIfLost(): void {
    if (this.#lost !== undefined) throw this.#lost;
  }
}

/** A copy past the end would leave the bytes of an earlier one. */
function requireRange(action: "read" | "write", buffer: GPUBuffer, offset: number, byteLength: number): void {
  if (offset >= 0 && byteLength >= 0 && offset + byteLength <= buffer.size) return;
  throw new RangeError(
    `Cannot ${action} bytes ${offset} to ${offset + byteLength} as the buffer ${buffer.label} has ${buffer.size}`,
  );
}

function sliceOf(slice: BufferSlice): { readonly buffer: GPUBuffer; readonly offset: number } {
  return "buffer" in slice ? slice : { buffer: slice, offset: 0 };
}
