// Read-back: a GPU buffer cannot be mapped and bound at once, so bytes travel through MAP_READ staging buffers. Making
// one costs more than the copy, so they are kept by size and used again.

export class StagingPool {
  readonly #device: GPUDevice;
  readonly #free: GPUBuffer[] = [];
  static readonly #kept = 8;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** A copy of bytes [offset, offset + byteLength) of `source`; both are multiples of 4. */
  async read(source: GPUBuffer, offset: number, byteLength: number): Promise<ArrayBuffer> {
    const staging = this.#take(byteLength);
    const encoder = this.#device.createCommandEncoder({ label: "clipsieve.read" });
    encoder.copyBufferToBuffer(source, offset, staging, 0, byteLength);
    this.#device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ, 0, byteLength);
    const bytes = staging.getMappedRange(0, byteLength).slice(0);
    staging.unmap();
    this.#give(staging);
    return bytes;
  }

  #take(byteLength: number): GPUBuffer {
    const index = this.#free.findIndex(
      (buffer) => buffer.size >= byteLength && buffer.size <= byteLength * 4 + 65_536,
    );
    if (index >= 0) return this.#free.splice(index, 1)[0]!;
    const size = 2 ** Math.ceil(Math.log2(Math.max(byteLength, 256)));
    return this.#device.createBuffer({
      label: "clipsieve.staging",
      size: Math.min(size, Math.max(byteLength, this.#device.limits.maxBufferSize)),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  #give(buffer: GPUBuffer): void {
    this.#free.push(buffer);
    if (this.#free.length > StagingPool.#kept) this.#free.shift()?.destroy();
  }
}
