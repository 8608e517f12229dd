// A decoded VideoFrame as the upright planes of a YuvFrame. Browsers give 4:2:0 as three planes (I420) or with U and V
// interleaved (NV12), rows padded as they like. A quarter turn moves whole samples of each plane, so nothing is blended.
import { InputError } from "../../errors.ts";
import type { VideoInfo } from "../engine.ts";

/** Planes of 8-bit 4:2:0, tightly packed: Y, U, V. */
export interface FramePlanes {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

const READABLE_FORMATS: ReadonlySet<string> = new Set(["I420", "I420A", "NV12"]);

/** Rejects with InputError decode-failed where a frame has other pixels or another size than the first. */
export async function uprightPlanes(
  frame: VideoFrame,
  info: Pick<VideoInfo, "rotationDegrees" | "width" | "height">,
  name: string,
): Promise<FramePlanes> {
  const quarterTurns = info.rotationDegrees / 90;
  const { format, visibleRect } = frame;
  if (visibleRect === null || !isReadable(format)) throw unreadablePixels(format, name);
  const bytes = new Uint8Array(frame.allocationSize());
  const layout = await frame.copyTo(bytes);
  const { width, height } = visibleRect;
  const chroma = [Math.ceil(width / 2), Math.ceil(height / 2)] as const;
  const turned = quarterTurns % 2 === 1;
  const [uprightWidth, uprightHeight] = turned ? [height, width] : [width, height];
  if (uprightWidth !== info.width || uprightHeight !== info.height) {
    throw new InputError(
      "decode-failed",
      `Cannot decode a video whose frames change their size: ${name} begins with ${info.width}x${info.height} and has ` +
        `${uprightWidth}x${uprightHeight}`,
    );
  }
  const data = new Uint8Array(width * height + 2 * chroma[0] * chroma[1]);
  let at = 0;
  const place = (plane: number, size: readonly [number, number], step: number, first: number): void => {
    const { offset, stride } = layout[plane]!;
    const source = { bytes: bytes.subarray(offset + first), stride, step };
    turnPlane(source, size, quarterTurns, data.subarray(at, at + size[0] * size[1]));
    at += size[0] * size[1];
  };
  place(0, [width, height], 1, 0);
  const interleaved = format === "NV12";
  place(1, chroma, interleaved ? 2 : 1, 0);
  place(interleaved ? 1 : 2, chroma, interleaved ? 2 : 1, interleaved ? 1 : 0);
  return { width: uprightWidth, height: uprightHeight, data };
}

/** Whether frames are 4:2:0 of 8 bits. */
export function isReadable(format: VideoPixelFormat | null): boolean {
  return format !== null && READABLE_FORMATS.has(format);
}

export function unreadablePixels(format: VideoPixelFormat | null, name: string): InputError {
  return new InputError(
    "decode-failed",
    `Cannot use the frames of a video as the browser gives them in another form than 4:2:0 of 8 bits: ${name} has ` +
      `${format ?? "pixels that cannot be read"}. ffmpeg as WebAssembly decodes more: give openWebMediaEngine its worker.`,
  );
}

interface SourcePlane {
  readonly bytes: Uint8Array;
  readonly stride: number;
  /** Bytes from one sample of a row to the next. */
  readonly step: number;
}

/** Copies a plane of `size` samples, turned clockwise, tightly packed. */
export function turnPlane(
  { bytes, stride, step }: SourcePlane,
  [width, height]: readonly [number, number],
  quarterTurns: number,
  target: Uint8Array,
): void {
  if (quarterTurns === 0 && step === 1) {
    for (let y = 0; y < height; y++) target.set(bytes.subarray(y * stride, y * stride + width), y * width);
    return;
  }
  // Where the upright sample (x, y) lies in the source: at start + x * right + y * down.
  const lastColumn = (width - 1) * step;
  const lastRow = (height - 1) * stride;
  const [start, right, down] = (
    [
      [0, step, stride],
      [lastRow, -stride, step],
      [lastRow + lastColumn, -step, -stride],
      [lastColumn, stride, -step],
    ] as const
  )[quarterTurns]!;
  const [outWidth, outHeight] = quarterTurns % 2 === 1 ? [height, width] : [width, height];
  for (let y = 0, at = 0; y < outHeight; y++) {
    for (let x = 0, from = start + y * down; x < outWidth; x++, from += right) target[at++] = bytes[from]!;
  }
}
