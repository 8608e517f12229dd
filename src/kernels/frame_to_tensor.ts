// Kernel frame_to_tensor: decoded frames to the tensor that an encoder takes. Two passes, as a separable resize costs
// the sum of the two supports and not their product: frame_to_rows (colour, width), then frame_to_tensor (height,
// crop or padding, mean and deviation, NCHW).
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { pixelLayout } from "../pixel_layout.ts";
import type { FrameFormat, YuvFrame } from "../types.ts";
import {
  type AxisBuffers,
  frameByteCount,
  frameWordCount,
  recordFrameToRows,
  uploadAxis,
  writeFrames,
} from "./frame_to_rows.ts";
import {
  type AxisPlan,
  type CropRule,
  planAxis,
  planGeometry,
  type ResizeFilter,
  usedSamples,
} from "./resize_plan.ts";

/** What an encoder asks of its frames. */
export interface FrameRule {
  readonly outWidth: number;
  readonly outHeight: number;
  readonly filter: ResizeFilter;
  readonly crop: CropRule;
  /** With "center": pixels of the shorter side before the crop. Default: the least that fills the output. */
  readonly shorterSide?: number;
  /** Value of letterbox padding in all channels, 0..255. Default 0. */
  readonly padding?: number;
  /** Per channel, on the scale 0..1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Everything that one frame size and one rule decide; plain data. */
export interface FramePlan {
  readonly format: FrameFormat;
  readonly rule: FrameRule;
  readonly columns: AxisPlan;
  readonly rows: AxisPlan;
  /** Source rows that the output needs; `rows.starts` counts from `rowFirst`. */
  readonly rowFirst: number;
  readonly rowCount: number;
  /** Bytes that one frame takes in each buffer. */
  readonly frameBytes: number;
  readonly rowBytes: number;
  readonly tensorBytes: number;
}

export function planFrames(format: FrameFormat, rule: FrameRule): FramePlan {
  const { width, height, pixelAspect = 1 } = format;
  const { outWidth, outHeight, filter, crop, shorterSide } = rule;
  const { resizedWidth, resizedHeight, left, top } = planGeometry(
    width * pixelAspect,
    height,
    outWidth,
    outHeight,
    crop,
    shorterSide,
  );
  const rows = planAxis(height, resizedHeight, top, outHeight, filter);
  const used = usedSamples(rows);
  return {
    format,
    rule,
    columns: planAxis(width, resizedWidth, left, outWidth, filter),
    rows: {
      ...rows,
      starts: rows.starts.map((start) => (start >= height ? start : start - used.first)),
    },
    rowFirst: used.first,
    rowCount: used.count,
    frameBytes: frameWordCount(format) * 4,
    rowBytes: 3 * used.count * outWidth * 4,
    tensorBytes: 3 * outHeight * outWidth * 4,
  };
}

/** Buffers of one plan for up to `capacity` frames at a time. */
export class FrameConverter {
  readonly plan: FramePlan;
  readonly capacity: number;
  readonly #gpu: GpuContext;
  readonly #columns: AxisBuffers;
  readonly #rows: AxisBuffers;
  readonly #frameBuffer: GPUBuffer;
  readonly #rowBuffer: GPUBuffer;
  readonly #tensorBuffer: GPUBuffer;

  constructor(gpu: GpuContext, plan: FramePlan, capacity: number) {
    this.#gpu = gpu;
    this.plan = plan;
    this.capacity = capacity;
    this.#columns = uploadAxis(gpu, "frame_to_tensor.columns", plan.columns);
    this.#rows = uploadAxis(gpu, "frame_to_tensor.rows", plan.rows);
    this.#frameBuffer = gpu.buffer("frame_to_tensor.frames", capacity * plan.frameBytes);
    this.#rowBuffer = gpu.buffer("frame_to_tensor.resampled", capacity * plan.rowBytes);
    this.#tensorBuffer = gpu.buffer("frame_to_tensor.tensor", capacity * plan.tensorBytes);
  }

  /** The frames as f32 NCHW; at most `capacity`, all of the plan's format. */
  async convert(frames: readonly YuvFrame[]): Promise<Float32Array> {
    if (frames.length === 0) return new Float32Array(0);
    this.upload(frames);
    this.submit(frames.length);
    return await this.read(frames.length);
  }

  upload(frames: readonly YuvFrame[]): void {
    writeFrames(this.#gpu, this.#frameBuffer, frames);
  }

  /** Converts the first `frameCount` frames of the upload. */
  submit(frameCount: number): void {
    const { format, rule, rowFirst, rowCount } = this.plan;
    this.#gpu.submit("frame_to_tensor", (recorder) => {
      recordFrameToRows(recorder, {
        format,
        frames: this.#frameBuffer,
        frameCount,
        columns: this.#columns,
        outWidth: rule.outWidth,
        rowFirst,
        rowCount,
        rows: this.#rowBuffer,
      });
      this.#recordTensor(recorder, frameCount);
    });
  }

  async read(frameCount: number): Promise<Float32Array> {
    return await this.#gpu.readFloats(this.#tensorBuffer, (frameCount * this.plan.tensorBytes) / 4);
  }

  destroy(): void {
    const { starts: columnStarts, weights: columnWeights } = this.#columns;
    const { starts, weights } = this.#rows;
    for (const buffer of [columnStarts, columnWeights, starts, weights]) this.#gpu.free(buffer);
    for (const buffer of [this.#frameBuffer, this.#rowBuffer, this.#tensorBuffer]) this.#gpu.free(buffer);
  }

  #recordTensor(recorder: Recorder, frameCount: number): void {
    const { rule, rowCount } = this.plan;
    recorder.dispatch("frame_to_tensor", {
      params: {
        frame_count: frameCount,
        row_count: rowCount,
        out_width: rule.outWidth,
        out_height: rule.outHeight,
        taps: this.#rows.taps,
        padding: rule.padding ?? 0,
        mean_red: rule.mean[0],
        mean_green: rule.mean[1],
        mean_blue: rule.mean[2],
        std_red: rule.std[0],
        std_green: rule.std[1],
        std_blue: rule.std[2],
      },
      bindings: {
        rows: this.#rowBuffer,
        column_starts: this.#columns.starts,
        starts: this.#rows.starts,
        weights: this.#rows.weights,
        tensor: this.#tensorBuffer,
      },
      grid: foldGrid(divideUp(frameCount * 3 * rule.outHeight * rule.outWidth, 64)),
    });
  }
}

/** The most frames of a plan that fit one dispatch: no buffer above `maxBytes`, at least 1. */
export function frameCapacity(plan: FramePlan, maxBytes: number): number {
  const largest = Math.max(plan.frameBytes, plan.rowBytes, plan.tensorBytes);
  return Math.max(1, Math.floor(maxBytes / largest));
}

/**
 * Frames of one size and colour to an encoder's input.
 *
 * @returns f32, frames x 3 x outHeight x outWidth: `(x / 255 - mean) / std`.
 * @throws RangeError where a frame differs in format from the first or its data is not a whole picture of its pixel format.
 */
export async function frameToTensor(
  gpu: GpuContext,
  frames: readonly YuvFrame[],
  rule: FrameRule,
): Promise<Float32Array> {
  const [format] = frames;
  if (format === undefined) return new Float32Array(0);
  for (const frame of frames) checkFrame(frame, format);
  const plan = planFrames(format, rule);
  const capacity = Math.min(frames.length, frameCapacity(plan, gpu.maxBindingBytes));
  const converter = new FrameConverter(gpu, plan, capacity);
  try {
    const tensor = new Float32Array((frames.length * plan.tensorBytes) / 4);
    for (let first = 0; first < frames.length; first += capacity) {
      const part = await converter.convert(frames.slice(first, first + capacity));
      tensor.set(part, (first * plan.tensorBytes) / 4);
    }
    return tensor;
  } finally {
    converter.destroy();
  }
}

function checkFrame(frame: YuvFrame, format: FrameFormat): void {
  const { width, height, pixelFormat = "yuv420p", data } = frame;
  if (formatKey(frame) !== formatKey(format)) {
    throw new RangeError(
      `Cannot convert frames of several formats in one call as the first is ${formatKey(format)}: ${formatKey(frame)}. Group them first`,
    );
  }
  if (pixelLayout(pixelFormat) === undefined) {
    throw new RangeError(
      `Cannot read a frame as its pixel format is not known here: ${pixelFormat}. Convert it to yuv444p16le or gbrp16le`,
    );
  }
  if (width < 1 || height < 1 || data.length !== frameByteCount(frame)) {
    throw new RangeError(
      `Cannot read a ${width}x${height} frame as ${pixelFormat} takes ${frameByteCount(frame)} bytes: ${data.length}`,
    );
  }
}

/** All that must be equal for frames to be converted together, in words. */
export function formatKey(format: FrameFormat): string {
  const { width, height, matrix, range, pixelFormat, chromaSite, transfer, pixelAspect } = format;
  const site = chromaSite === undefined ? "" : ` chroma at ${chromaSite.join(",")}`;
  const aspect = pixelAspect === undefined ? "" : ` pixels ${pixelAspect}:1`;
  return `${width}x${height} ${pixelFormat ?? "yuv420p"} ${matrix} ${range} ${transfer ?? "sdr"}${site}${aspect}`;
}
