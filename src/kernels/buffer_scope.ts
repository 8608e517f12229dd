// The buffers of one piece of work, destroyed together when it ends. GPU memory is not freed by the garbage collector in
// time, so every buffer needs an owner.
import type { GpuContext } from "../gpu/context.ts";

export class BufferScope {
  readonly #gpu: GpuContext;
  readonly #buffers = new Set<GPUBuffer>();

  constructor(gpu: GpuContext) {
    this.#gpu = gpu;
  }

  /** Runs `work` and frees what it made, whether it succeeds or not. */
  static async run<T>(gpu: GpuContext, work: (scope: BufferScope) => Promise<T>): Promise<T> {
    const scope = new BufferScope(gpu);
    try {
      return await work(scope);
    } finally {
      scope.destroy();
    }
  }

  /** A zero-filled storage buffer. */
  buffer(label: string, byteLength: number): GPUBuffer {
    return this.#keep(this.#gpu.buffer(label, byteLength));
  }

  upload(label: string, data: Float32Array | Uint32Array): GPUBuffer {
    return this.#keep(this.#gpu.upload(label, data));
  }

  /** Takes over a buffer that something else made. */
  adopt(buffer: GPUBuffer): GPUBuffer {
    return this.#keep(buffer);
  }

  /** Frees one buffer ahead of the rest. */
  release(buffer: GPUBuffer): void {
    if (this.#buffers.delete(buffer)) this.#gpu.free(buffer);
  }

  destroy(): void {
    for (const buffer of this.#buffers) this.#gpu.free(buffer);
    this.#buffers.clear();
  }

  #keep(buffer: GPUBuffer): GPUBuffer {
    this.#buffers.add(buffer);
    return buffer;
  }
}
