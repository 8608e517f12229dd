// What the sampled frames of a video look like: its own pixel format where the GPU reads it, else the nearest that loses
// nothing, with the colour that the header states. What it leaves open is read as ffmpeg's scaler reads it: BT.601,
// limited YUV, full gray. The trap: a turn of the picture moves the chroma samples within their luma samples.
import { pictureByteCount, pixelLayout } from "../pixel_layout.ts";
import type { ColorMatrix, ColorTransfer, FrameFormat } from "../types.ts";

/** How raw frames are asked of ffmpeg, and how to read them. */
export interface PictureFormat {
  /** ffmpeg's name of the pixel format. */
  readonly rawFormat: string;
  readonly frame: FrameFormat;
  /** Whether the header says that pictures are made of two fields, one above the other's lines. */
  readonly interlaced: boolean;
}

/** What ffprobe says of a video stream's pictures. */
export interface StatedPicture {
  readonly pix_fmt?: string | undefined;
  readonly color_range?: string | undefined;
  readonly color_space?: string | undefined;
  readonly color_transfer?: string | undefined;
  readonly chroma_location?: string | undefined;
  readonly sample_aspect_ratio?: string | undefined;
  readonly field_order?: string | undefined;
}

/** Upright size, and the clockwise turn that leads to it: 0, 90, 180 or 270. */
export interface UprightSize {
  readonly width: number;
  readonly height: number;
  readonly rotationDegrees: number;
}

const MATRICES: Readonly<Record<string, ColorMatrix>> = {
  bt709: "bt709",
  bt2020nc: "bt2020",
  bt2020c: "bt2020",
  smpte240m: "smpte240m",
  fcc: "fcc",
};
const TRANSFERS: Readonly<Record<string, ColorTransfer>> = { smpte2084: "pq", "arib-std-b67": "hlg" };
/** In luma samples from the first one, for chroma of half the columns and rows. */
const SITES: Readonly<Record<string, readonly [number, number]>> = {
  left: [0, 0.5],
  center: [0.5, 0.5],
  topleft: [0, 0],
  top: [0.5, 0],
  bottomleft: [0, 1],
  bottom: [0.5, 1],
};
/** Formats that the GPU does not read, and what holds all of them. */
const NEAREST: readonly (readonly [RegExp, string])[] = [
  [/^(yuyv422|uyvy422|yvyu422)$/, "yuv422p"],
  [/^uyyvyy411$/, "yuv411p"],
  [/^y210/, "yuv422p10le"],
  [/^y212/, "yuv422p12le"],
  [/^(x2rgb10|x2bgr10)/, "gbrp10le"],
  [/^ya8$|^mono/, "gray"],
  [/^(ya16|grayf)/, "gray16le"],
  [/^(pal8|(rgb|bgr)(8|4|4_byte|444|555|565)(le|be)?)$/, "rgb24"],
  [/^(xv30|v30x|vuya|vuyx|ayuv|xv36|y41)/, "yuv444p16le"],
];
/** In upload buffers of the smallest limit that WebGPU has, a picture of 64 megapixels just fits as 4:2:0 of 8 bits. */
const MAX_PICTURE_BYTES = 1.5 * 2 ** 26;

/** @param stated by the header, of pictures as they are coded. */
export function pictureFormat(stated: StatedPicture, size: UprightSize): PictureFormat {
  const kept = keptFormat(stated.pix_fmt ?? "yuv420p", size);
  const layout = pixelLayout(kept);
  const isRgb = layout?.model === "rgb";
  const isGray = layout?.model === "gray";
  const isFull =
    isRgb ||
    stated.color_range === "pc" ||
    stated.pix_fmt?.startsWith("yuvj") === true ||
    (isGray && stated.color_range !== "tv");
  const transfer = TRANSFERS[stated.color_transfer ?? ""];
  const site = chromaSite(stated.chroma_location, kept, size);
  const pixelAspect = uprightAspect(stated.sample_aspect_ratio, size.rotationDegrees);
  const frame: FrameFormat = {
    width: size.width,
    height: size.height,
    pixelFormat: kept,
    matrix: isRgb ? "bt709" : (MATRICES[stated.color_space ?? ""] ?? "bt601"),
    range: isFull ? "full" : "limited",
    ...(site === undefined ? {} : { chromaSite: site }),
    ...(transfer === undefined ? {} : { transfer }),
    ...(pixelAspect === 1 ? {} : { pixelAspect }),
  };
  return {
    // The name with a j is deprecated, but converting to the other would cost a pass over each frame.
    rawFormat: stated.pix_fmt === kept.replace("yuv", "yuvj") ? stated.pix_fmt : kept,
    frame,
    // Fields of a turned picture are columns, or change places: no filter takes these apart.
    interlaced: size.rotationDegrees === 0 && /^(tt|bb|tb|bt)$/.test(stated.field_order ?? ""),
  };
}

/** A pixel format that the GPU reads and that loses nothing of the given one, unless the pictures are too large. */
function keptFormat(pixelFormat: string, { width, height, rotationDegrees }: UprightSize): string {
  const little = pixelFormat.replace(/be$/, "le");
  const opaque = little.replace("yuvj", "yuv").replace(/^yuva/, "yuv").replace("gbrap", "gbrp");
  const nearest = NEAREST.find(([pattern]) => pattern.test(opaque))?.[1];
  let kept = pixelLayout(opaque) ? opaque : (nearest ?? (/^[yp]/.test(opaque) ? "yuv444p16le" : "gbrp16le"));
  const { model, bits, chromaShiftX, chromaShiftY } = pixelLayout(kept) as NonNullable<
    ReturnType<typeof pixelLayout>
  >;
  // ffmpeg turns by a quarter only what has as many chroma columns per luma column as rows per row.
  if (rotationDegrees % 180 !== 0 && chromaShiftX !== chromaShiftY) {
    kept = `yuv444p${bits > 8 ? `${bits}le` : ""}`;
  }
  if (pictureByteCount(kept, width, height) <= MAX_PICTURE_BYTES) return kept;
  return model === "gray" ? "gray" : model === "rgb" ? "gbrp" : "yuv420p";
}

/** Place of the first chroma sample of the upright picture; undefined where it is that of FrameFormat's default. */
function chromaSite(
  location: string | undefined,
  pixelFormat: string,
  { width, height, rotationDegrees }: UprightSize,
): readonly [number, number] | undefined {
  const layout = pixelLayout(pixelFormat);
  if (layout?.model !== "yuv" || layout.chromaShiftX + layout.chromaShiftY === 0) return undefined;
  const [stepX, stepY] = [2 ** layout.chromaShiftX, 2 ** layout.chromaShiftY];
  const stated = SITES[location ?? ""] ?? [0, 0.5];
  const coded = [stated[0] * (stepX - 1), stated[1] * (stepY - 1)] as const;
  /** Where the first sample is when an axis is read from its other end. */
  const reversed = (size: number, step: number, site: number): number =>
    size - 1 - site - (Math.ceil(size / step) - 1) * step;
  const [x, y] = coded;
  const site = {
    0: () => coded,
    90: () => [reversed(width, stepX, y), x] as const,
    180: () => [reversed(width, stepX, x), reversed(height, stepY, y)] as const,
    270: () => [y, reversed(height, stepY, x)] as const,
  }[rotationDegrees as 0 | 90 | 180 | 270]();
  return site[0] === 0 && site[1] === (stepY - 1) / 2 ? undefined : site;
}

/** Width of a pixel over its height once upright; what is not stated is square. */
function uprightAspect(written: string | undefined, rotationDegrees: number): number {
  const [across, down] = (written ?? "").split(":").map(Number);
  if (!across || !down || !(across > 0) || !(down > 0)) return 1;
  return rotationDegrees % 180 === 0 ? across / down : down / across;
}
