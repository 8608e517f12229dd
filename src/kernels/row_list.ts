// A list of rows that a kernel writes for another one to work: [0] to [2] the workgroups of an indirect dispatch, 64 rows in
// each; [3] the number of rows; then their indices, or an index and what goes with it, in any order. The host never needs to
// know how many there are.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import type { BufferScope } from "./buffer_scope.ts";

const headerWords = 4;

export class RowList {
  /** u32: header and indices; the binding `list` of kernels. */
  readonly buffer: GPUBuffer;
  readonly #empty: GPUBuffer;

  readonly #width: number;

  /**
   * @param capacity rows that have room.
   * @param width u32 for each row.
   * @param workgroupRows y of the dispatch.
   */
  constructor(
    scope: BufferScope,
    label: string,
    capacity: number,
    { width = 1, workgroupRows = 1 }: { readonly width?: number; readonly workgroupRows?: number } = {},
  ) {
    this.#width = width;
    this.buffer = scope.buffer(`${label}.list`, (headerWords + capacity * width) * 4);
    this.#empty = scope.upload(`${label}.empty_list`, Uint32Array.of(0, workgroupRows, 1, 0));
  }

  recordClear(recorder: Recorder): void {
    recorder.copy(this.#empty, this.buffer, headerWords * 4);
  }

  /** The listed rows, ascending. */
  async read(gpu: GpuContext): Promise<Uint32Array> {
    return Uint32Array.from(await this.readEntries(gpu), ([row]) => row!);
  }

  /** The entries, one u32 array for each row, ascending. */
  async readEntries(gpu: GpuContext): Promise<readonly Uint32Array[]> {
    const [count = 0] = await gpu.readUints(this.buffer, 1, 3);
    const words = await gpu.readUints(this.buffer, count * this.#width, headerWords);
    return Array.from({ length: count }, (_, at) =>
      words.subarray(at * this.#width, (at + 1) * this.#width),
    ).sort((a, b) => a[0]! - b[0]!);
  }
}
