// Kernel frame_to_rows: the first pass of frame_to_tensor. YUV 4:2:0 to RGB, rows resampled to the output's width.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import type { ColorMatrix, ColorRange, YuvFrame } from "../types.ts";
import { type AxisPlan, planAxis, type ResizeFilter } from "./resize_plan.ts";

/** Size and colour of the frames of one dispatch. */
export interface FrameFormat {
  readonly width: number;
  readonly height: number;
  readonly matrix: ColorMatrix;
  readonly range: ColorRange;
}

/** An axis plan on the device. */
export interface AxisBuffers {
  readonly taps: number;
  readonly starts: GPUBuffer;
  readonly weights: GPUBuffer;
}

export interface FrameToRowsInputs extends FrameFormat {
  /** Frames one after the other, each padded to whole words (`frameWordCount`). */
  readonly frames: GPUBuffer;
  readonly frameCount: number;
  /** Plan of the columns. */
  readonly columns: AxisBuffers;
  readonly outWidth: number;
  /** Source rows to convert. */
  readonly rowFirst: number;
  readonly rowCount: number;
  /** f32, frameCount x 3 x rowCount x outWidth, 0..255. Columns in the padding are left as they are. */
  readonly rows: GPUBuffer;
}

/** Bytes of one 4:2:0 frame of 8 bits. */
export function frameByteCount(width: number, height: number): number {
  return width * height + 2 * divideUp(width, 2) * divideUp(height, 2);
}

/** 32-bit words that one frame takes in the upload buffer. */
export function frameWordCount(width: number, height: number): number {
  return divideUp(frameByteCount(width, height), 4);
}

/** Coefficients of YUV to RGB (ITU-R BT.601 and BT.709, Kr and Kb), for chroma that is centred on 0. */
export function colorParams({ matrix, range }: Pick<FrameFormat, "matrix" | "range">): {
  readonly luma_offset: number;
  readonly luma_scale: number;
  readonly red_v: number;
  readonly green_u: number;
  readonly green_v: number;
  readonly blue_u: number;
} {
  const [kr, kb] = matrix === "bt601" ? [0.299, 0.114] : [0.2126, 0.0722];
  const chromaScale = range === "limited" ? 255 / 224 : 1;
  const kg = 1 - kr - kb;
  return {
    luma_offset: range === "limited" ? 16 : 0,
    luma_scale: range === "limited" ? 255 / 219 : 1,
    red_v: 2 * (1 - kr) * chromaScale,
    green_u: ((2 * kb * (1 - kb)) / kg) * chromaScale,
    green_v: ((2 * kr * (1 - kr)) / kg) * chromaScale,
    blue_u: 2 * (1 - kb) * chromaScale,
  };
}

/** Adds the dispatch to a submission. */
export function recordFrameToRows(recorder: Recorder, inputs: FrameToRowsInputs): void {
  const { frames, frameCount, width, height, columns, outWidth, rowFirst, rowCount, rows } = inputs;
  if (frameCount === 0) return;
  recorder.dispatch("frame_to_rows", {
    params: {
      frame_count: frameCount,
      frame_words: frameWordCount(width, height),
      width,
      height,
      row_first: rowFirst,
      row_count: rowCount,
      out_width: outWidth,
      taps: columns.taps,
      ...colorParams(inputs),
    },
    bindings: { frames, starts: columns.starts, weights: columns.weights, rows },
    grid: foldGrid(divideUp(frameCount * rowCount * outWidth, 64)),
  });
}

/** Puts an axis plan on the device. */
export function uploadAxis(gpu: GpuContext, label: string, plan: AxisPlan): AxisBuffers {
  return {
    taps: plan.taps,
    starts: gpu.upload(`${label}.starts`, plan.starts),
    weights: gpu.upload(`${label}.weights`, plan.weights),
  };
}

/** Writes frames of one size into an upload buffer, each on a word boundary. */
export function writeFrames(gpu: GpuContext, target: GPUBuffer, frames: readonly YuvFrame[]): void {
  frames.forEach((frame, index) => {
    gpu.write(target, index * frameWordCount(frame.width, frame.height) * 4, frame.data);
  });
}

/**
 * RGB rows of frames of one size, resampled to `outWidth` columns: f32 0..255, frameCount x 3 x height x outWidth.
 */
export async function frameToRows(
  gpu: GpuContext,
  frames: readonly YuvFrame[],
  outWidth: number,
  filter: ResizeFilter,
): Promise<Float32Array> {
  const format = frames[0];
  if (format === undefined) return new Float32Array(0);
  const { width, height } = format;
  const valueCount = frames.length * 3 * height * outWidth;
  const columns = uploadAxis(gpu, "frame_to_rows", planAxis(width, outWidth, 0, outWidth, filter));
  const source = gpu.buffer("frame_to_rows.frames", frames.length * frameWordCount(width, height) * 4);
  const rows = gpu.buffer("frame_to_rows.rows", valueCount * 4);
  try {
    writeFrames(gpu, source, frames);
    gpu.submit("frame_to_rows", (recorder) =>
      recordFrameToRows(recorder, {
        width,
        height,
        matrix: format.matrix,
        range: format.range,
        frames: source,
        frameCount: frames.length,
        columns,
        outWidth,
        rowFirst: 0,
        rowCount: height,
        rows,
      }),
    );
    return await gpu.readFloats(rows, valueCount);
  } finally {
    for (const buffer of [columns.starts, columns.weights, source, rows]) gpu.free(buffer);
  }
}
