// Kernel frame_to_rows: the first pass of frame_to_tensor. A decoded picture to RGB, rows resampled to the output's width.
import { invariant } from "../errors.ts";
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { type PixelLayout, pictureByteCount, pixelLayout, planeMap } from "../pixel_layout.ts";
import type { FrameFormat, YuvFrame } from "../types.ts";
import { type AxisPlan, planAxis, type ResizeFilter } from "./resize_plan.ts";

/** An axis plan on the device. */
export interface AxisBuffers {
  readonly taps: number;
  readonly starts: GPUBuffer;
  readonly weights: GPUBuffer;
}

export interface FrameToRowsInputs {
  readonly format: FrameFormat;
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

const DEFAULT_PIXEL_FORMAT = "yuv420p";

/** Bytes of one frame. */
export function frameByteCount({ pixelFormat = DEFAULT_PIXEL_FORMAT, width, height }: FrameFormat): number {
  return pictureByteCount(pixelFormat, width, height);
}

/** 32-bit words that one frame takes in the upload buffer. */
export function frameWordCount(format: FrameFormat): number {
  return divideUp(frameByteCount(format), 4);
}

/** Kr and Kb of each matrix. */
const PRIMARY_WEIGHTS: Readonly<Record<FrameFormat["matrix"], readonly [number, number]>> = {
  bt601: [0.299, 0.114],
  bt709: [0.2126, 0.0722],
  bt2020: [0.2627, 0.0593],
  smpte240m: [0.212, 0.087],
  fcc: [0.3, 0.11],
};

function layoutOf({ pixelFormat = DEFAULT_PIXEL_FORMAT }: Pick<FrameFormat, "pixelFormat">): PixelLayout {
  const layout = pixelLayout(pixelFormat);
  invariant(layout !== undefined, `the layout of ${pixelFormat} is known`);
  return layout;
}

/** Where the components of a frame are, as the shader takes them. */
export function layoutParams(format: FrameFormat) {
  const layout = layoutOf(format);
  const { chromaWidth, chromaHeight, components } = planeMap(layout, format.width, format.height);
  const [first, second, third] = layout.model === "rgb" ? ["g", "b", "r"] : ["y", "u", "v"];
  // Gray has no chroma: any sample will do where its factors are 0.
  const none = { offset: 0, stride: 0, step: 0 };
  const at = (letter: string | undefined) => components.get(letter as string) ?? none;
  const [stepX, stepY] = [2 ** layout.chromaShiftX, 2 ** layout.chromaShiftY];
  const [siteX, siteY] = format.chromaSite ?? [0, (stepY - 1) / 2];
  return {
    first_offset: at(first).offset,
    first_stride: at(first).stride,
    first_step: at(first).step,
    second_offset: at(second).offset,
    third_offset: at(third).offset,
    chroma_stride: at(second).stride,
    chroma_step: at(second).step,
    chroma_width: chromaWidth,
    chroma_height: chromaHeight,
    chroma_scale_x: 1 / stepX,
    // Chroma that is as wide as luma lies on it, wherever it is said to be.
    chroma_shift_x: stepX === 1 ? 0 : -siteX / stepX,
    chroma_scale_y: 1 / stepY,
    chroma_shift_y: stepY === 1 ? 0 : -siteY / stepY,
  };
}

/** What turns samples into RGB of 0..255: factors and what is added to each. */
export function colorParams({ matrix, range, ...format }: Omit<FrameFormat, "width" | "height">) {
  const { model, bits, padBits } = layoutOf(format);
  const fullScale = 255 / ((2 ** bits - 1) * 2 ** padBits);
  if (model === "rgb") {
    return {
      ...{ red_first: 0, red_third: fullScale, red_base: 0 },
      ...{ green_first: fullScale, green_second: 0, green_third: 0, green_base: 0 },
      ...{ blue_first: 0, blue_second: fullScale, blue_base: 0 },
    };
  }
  // Limited codes of more bits are those of 8 bits with zeros below.
  const code = 2 ** (bits - 8 + padBits);
  const lumaScale = range === "limited" ? 255 / (219 * code) : fullScale;
  const chromaScale = model === "gray" ? 0 : range === "limited" ? 255 / (224 * code) : fullScale;
  const black = range === "limited" ? -16 * code * lumaScale : 0;
  const [kr, kb] = PRIMARY_WEIGHTS[matrix];
  const kg = 1 - kr - kb;
  const redV = 2 * (1 - kr) * chromaScale;
  const greenU = (-2 * kb * (1 - kb) * chromaScale) / kg;
  const greenV = (-2 * kr * (1 - kr) * chromaScale) / kg;
  const blueU = 2 * (1 - kb) * chromaScale;
  const center = 128 * code;
  return {
    ...{ red_first: lumaScale, red_third: redV, red_base: black - center * redV },
    ...{ green_first: lumaScale, green_second: greenU, green_third: greenV },
    green_base: black - center * (greenU + greenV),
    ...{ blue_first: lumaScale, blue_second: blueU, blue_base: black - center * blueU },
  };
}

/** Adds the dispatch to a submission. */
export function recordFrameToRows(recorder: Recorder, inputs: FrameToRowsInputs): void {
  const { format, frames, frameCount, columns, outWidth, rowFirst, rowCount, rows } = inputs;
  if (frameCount === 0) return;
  recorder.dispatch("frame_to_rows", {
    params: {
      frame_count: frameCount,
      frame_words: frameWordCount(format),
      row_first: rowFirst,
      row_count: rowCount,
      out_width: outWidth,
      taps: columns.taps,
      ...layoutParams(format),
      ...colorParams(format),
    },
    overrides: {
      BYTE_SHIFT: layoutOf(format).bits > 8 ? 1 : 0,
      HIGH_RANGE: { sdr: 0, pq: 1, hlg: 2 }[format.transfer ?? "sdr"],
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
    gpu.write(target, index * frameWordCount(frame) * 4, frame.data);
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
  const source = gpu.buffer("frame_to_rows.frames", frames.length * frameWordCount(format) * 4);
  const rows = gpu.buffer("frame_to_rows.rows", valueCount * 4);
  try {
    writeFrames(gpu, source, frames);
    gpu.submit("frame_to_rows", (recorder) =>
      recordFrameToRows(recorder, {
        format,
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
