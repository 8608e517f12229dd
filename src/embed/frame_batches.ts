// Decoded frames of any sizes to encoder tensors in a given order: frames are grouped by size and colour, each group
// goes through the GPU in bounded batches, and every picture lands in its slot. Buffers of recent formats are kept.
import type { GpuContext } from "../gpu/context.ts";
import {
  FrameConverter,
  type FrameRule,
  formatKey,
  frameCapacity,
  planFrames,
} from "../kernels/frame_to_tensor.ts";
import type { YuvFrame } from "../types.ts";

/** No buffer of a conversion grows above this, whatever the device allows. */
const maxBufferBytes = 64 * 2 ** 20;
const maxFramesPerDispatch = 32;
/** Videos of one collection share a few sizes. */
const keptFormats = 3;

export class FrameBatches {
  readonly #gpu: GpuContext;
  readonly #rule: FrameRule;
  /** In order of last use, the latest at the end. */
  readonly #converters = new Map<string, FrameConverter>();

  constructor(gpu: GpuContext, rule: FrameRule) {
    this.#gpu = gpu;
    this.#rule = rule;
  }

  /** f32, frames x 3 x outHeight x outWidth, in the order of `frames`. */
  async convert(frames: readonly YuvFrame[]): Promise<Float32Array> {
    const valueCount = 3 * this.#rule.outWidth * this.#rule.outHeight;
    const tensor = new Float32Array(frames.length * valueCount);
    for (const [key, slots] of slotsByFormat(frames)) {
      const converter = this.#converterOf(key, frames[slots[0]!]!);
      for (let first = 0; first < slots.length; first += converter.capacity) {
        const part = slots.slice(first, first + converter.capacity);
        const values = await converter.convert(part.map((slot) => frames[slot]!));
        part.forEach((slot, index) => {
          tensor.set(values.subarray(index * valueCount, (index + 1) * valueCount), slot * valueCount);
        });
      }
    }
    return tensor;
  }

  destroy(): void {
    for (const converter of this.#converters.values()) converter.destroy();
    this.#converters.clear();
  }

  #converterOf(key: string, { data: _, ...format }: YuvFrame): FrameConverter {
    let converter = this.#converters.get(key);
    if (converter === undefined) {
      const plan = planFrames(format, this.#rule);
      const capacity = frameCapacity(plan, Math.min(maxBufferBytes, this.#gpu.maxBindingBytes));
      converter = new FrameConverter(this.#gpu, plan, Math.min(capacity, maxFramesPerDispatch));
    }
    this.#converters.delete(key);
    this.#converters.set(key, converter);
    for (const oldest of this.#converters.keys()) {
      if (this.#converters.size <= keptFormats) break;
      this.#converters.get(oldest)?.destroy();
      this.#converters.delete(oldest);
    }
    return converter;
  }
}

/** Positions of the frames of each format. */
function slotsByFormat(frames: readonly YuvFrame[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  frames.forEach((frame, slot) => {
    const key = formatKey(frame);
    const slots = groups.get(key);
    if (slots === undefined) groups.set(key, [slot]);
    else slots.push(slot);
  });
  return groups;
}
