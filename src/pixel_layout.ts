// How the samples of a picture lie in memory, by ffmpeg's names of pixel formats: YUV, gray and RGB of 8 to 16 bits,
// planar, semiplanar (NV12, P010) and packed RGB. Samples above 8 bits are little-endian words, and bytes that nobody
// reads (alpha, padding) are "x". The trap: P010 and its like keep their bits at the top of the word, others at the bottom.
import { invariant } from "./errors.ts";

/** What a pixel format says of any picture. */
export interface PixelLayout {
  /** Gray is YUV without chroma. */
  readonly model: "yuv" | "gray" | "rgb";
  /** Bits that carry the value of a sample. */
  readonly bits: number;
  /** Zero bits below them. */
  readonly padBits: number;
  /** Powers of two by which chroma has fewer columns and rows than luma. */
  readonly chromaShiftX: number;
  readonly chromaShiftY: number;
  /** The components of each plane in their order in memory: ["y", "u", "v"], ["y", "uv"], ["bgrx"]. */
  readonly planes: readonly string[];
}

/** Where the samples of a component are, counted in samples: offset + row * stride + column * step. */
export interface Component {
  readonly offset: number;
  readonly stride: number;
  readonly step: number;
}

/** A layout at a size of picture. */
export interface PlaneMap {
  readonly bytesPerSample: 1 | 2;
  readonly byteCount: number;
  readonly chromaWidth: number;
  readonly chromaHeight: number;
  /** Components by letter: y, u, v or r, g, b. */
  readonly components: ReadonlyMap<string, Component>;
}

const CHROMA_SHIFTS: Readonly<Record<string, readonly [number, number]>> = {
  "444": [0, 0],
  "422": [1, 0],
  "420": [1, 1],
  "440": [0, 1],
  "411": [2, 0],
  "410": [2, 2],
};
const SEMIPLANAR: Readonly<Record<string, readonly [chroma: string, order: string]>> = {
  nv12: ["420", "uv"],
  nv21: ["420", "vu"],
  nv16: ["422", "uv"],
  nv24: ["444", "uv"],
  nv42: ["444", "vu"],
};
const PACKED_RGB: Readonly<Record<string, string>> = {
  ...{ rgb24: "rgb", bgr24: "bgr", rgb48le: "rgb", bgr48le: "bgr" },
  ...{ rgba: "rgbx", bgra: "bgrx", argb: "xrgb", abgr: "xbgr", rgba64le: "rgbx", bgra64le: "bgrx" },
  ...{ rgb0: "rgbx", bgr0: "bgrx", "0rgb": "xrgb", "0bgr": "xbgr" },
};

/** The layout of a pixel format, or undefined where it is not among those that the GPU reads. */
export function pixelLayout(pixelFormat: string): PixelLayout | undefined {
  const packed = PACKED_RGB[pixelFormat];
  if (packed !== undefined) return layout("rgb", /48|64/.test(pixelFormat) ? 16 : 8, "444", [packed]);
  const semiplanar = SEMIPLANAR[pixelFormat];
  if (semiplanar !== undefined) return layout("yuv", 8, semiplanar[0], ["y", semiplanar[1]]);
  // "p210le": 4:2:2 of 10 bits.
  const [, chroma, highBits] = /^p([024])(10|12|16)le$/.exec(pixelFormat) ?? [];
  if (chroma !== undefined) {
    const sampling = chroma === "4" ? "444" : `42${chroma}`;
    return layout("yuv", Number(highBits), sampling, ["y", "uv"], 16 - Number(highBits));
  }
  const [, name = "", lowBits] = /^(.*?)(?:(9|10|12|14|16)le)?$/.exec(pixelFormat) ?? [];
  const bits = lowBits === undefined ? 8 : Number(lowBits);
  if (name === "gray") return layout("gray", bits, "444", ["y"]);
  if (name === "gbrp") return layout("rgb", bits, "444", ["g", "b", "r"]);
  const sampling = /^yuv(4\d\d)p$/.exec(name)?.[1];
  return sampling !== undefined && sampling in CHROMA_SHIFTS
    ? layout("yuv", bits, sampling, ["y", "u", "v"])
    : undefined;
}

function layout(
  model: PixelLayout["model"],
  bits: number,
  sampling: string,
  planes: readonly string[],
  padBits = 0,
): PixelLayout {
  const [chromaShiftX, chromaShiftY] = CHROMA_SHIFTS[sampling] as readonly [number, number];
  return { model, bits, padBits, chromaShiftX, chromaShiftY, planes };
}

/** Offsets of a picture whose planes are packed tightly, one after the other. */
export function planeMap(
  { bits, chromaShiftX, chromaShiftY, planes }: PixelLayout,
  width: number,
  height: number,
): PlaneMap {
  const chromaWidth = Math.ceil(width / 2 ** chromaShiftX);
  const chromaHeight = Math.ceil(height / 2 ** chromaShiftY);
  const components = new Map<string, Component>();
  let sampleCount = 0;
  for (const plane of planes) {
    const isChroma = /[uv]/.test(plane);
    const [columns, rows] = isChroma ? [chromaWidth, chromaHeight] : [width, height];
    const [step, stride] = [plane.length, columns * plane.length];
    [...plane].forEach((letter, at) => {
      components.set(letter, { offset: sampleCount + at, stride, step });
    });
    sampleCount += stride * rows;
  }
  const bytesPerSample = bits > 8 ? 2 : 1;
  return { bytesPerSample, byteCount: sampleCount * bytesPerSample, chromaWidth, chromaHeight, components };
}

/** Bytes of one tightly packed picture. `pixelFormat` must be known. */
export function pictureByteCount(pixelFormat: string, width: number, height: number): number {
  const known = pixelLayout(pixelFormat);
  invariant(known !== undefined, `the layout of ${pixelFormat} is known`);
  return planeMap(known, width, height).byteCount;
}
