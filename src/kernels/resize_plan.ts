// The plan of an antialiased separable resize: which source samples make each output column or row, and their weights.
// Filters follow Pillow (libImaging/Resample.c): the support grows with the down-scale factor, weights are normalised,
// bicubic uses a = -0.5. The trap: the scale is that of the resized picture in whole pixels, before any crop.

/** "bilinear": triangle of support 1. "bicubic": Keys' cubic, a = -0.5, support 2. */
export type ResizeFilter = "bilinear" | "bicubic";

/**
 * How a picture meets an output of another aspect ratio. "center": the shorter side fits, the rest is cut off evenly.
 * "letterbox": the longer side fits, the rest is padded evenly. "stretch": both sides fit, the ratio is lost.
 */
export type CropRule = "center" | "letterbox" | "stretch";

/** One axis: output position i is the weighted sum of `taps` source samples from `starts[i]`. */
export interface AxisPlan {
  readonly taps: number;
  /** Length: output size. `paddingMark` where the position lies outside of the picture. */
  readonly starts: Uint32Array;
  /** Output size x taps. Zero where the filter reaches fewer samples. */
  readonly weights: Float32Array;
}

/** Value of `starts` for a position in the padding; the shaders know it as PADDING. */
export const paddingMark = 0xffffffff;

/** Size of the resized picture and of the part before the output's origin (negative: padding). */
export interface ResizeGeometry {
  readonly resizedWidth: number;
  readonly resizedHeight: number;
  readonly left: number;
  readonly top: number;
}

/**
 * Where a width x height picture lands in an outWidth x outHeight output, in whole pixels.
 *
 * @param shorterSide with "center": pixels of the shorter side before the crop. Default: the least that fills the output.
 */
export function planGeometry(
  width: number,
  height: number,
  outWidth: number,
  outHeight: number,
  crop: CropRule,
  shorterSide?: number,
): ResizeGeometry {
  if (crop === "stretch") return { resizedWidth: outWidth, resizedHeight: outHeight, left: 0, top: 0 };
  const square = crop === "center" ? shorterSide : undefined;
  const [fitWidth, fitHeight] = [square ?? outWidth, square ?? outHeight];
  const [byWidth, byHeight] = [fitWidth / width, fitHeight / height];
  const widthLeads = crop === "center" ? byWidth >= byHeight : byWidth <= byHeight;
  // The side that fits is exact by construction; the other is cut to whole pixels as torchvision does for "shortest edge".
  const resizedWidth = widthLeads ? fitWidth : Math.max(1, Math.trunc((fitHeight * width) / height));
  const resizedHeight = widthLeads ? Math.max(1, Math.trunc((fitWidth * height) / width)) : fitHeight;
  return {
    resizedWidth,
    resizedHeight,
    left: Math.floor((resizedWidth - outWidth) / 2),
    top: Math.floor((resizedHeight - outHeight) / 2),
  };
}

/**
 * Weights of one axis.
 *
 * @param size samples of the source along the axis.
 * @param resized samples of the resized picture along the axis.
 * @param first position in the resized picture of the output's first sample; negative where padding comes first.
 * @param count samples of the output along the axis.
 */
export function planAxis(
  size: number,
  resized: number,
  first: number,
  count: number,
  filter: ResizeFilter,
): AxisPlan {
  const scale = size / resized;
  const filterScale = Math.max(scale, 1);
  const support = (filter === "bilinear" ? 1 : 2) * filterScale;
  const taps = Math.min(size, Math.ceil(support) * 2 + 1);
  const starts = new Uint32Array(count).fill(paddingMark);
  const weights = new Float32Array(count * taps);
  for (let i = 0; i < count; i++) {
    const position = first + i;
    if (position < 0 || position >= resized) continue;
    const center = (position + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const high = Math.min(size, Math.trunc(center + support + 0.5));
    // Shifted back where the window would leave the source, so that a shader needs no bounds.
    const start = Math.min(low, size - taps);
    const values = Array.from({ length: high - low }, (_, k) =>
      filterWeight(filter, (low + k - center + 0.5) / filterScale),
    );
    const total = values.reduce((sum, value) => sum + value, 0);
    starts[i] = start;
    values.forEach((value, k) => {
      weights[i * taps + (low - start) + k] = value / total;
    });
  }
  return { taps, starts, weights };
}

function filterWeight(filter: ResizeFilter, at: number): number {
  const x = Math.abs(at);
  if (filter === "bilinear") return Math.max(0, 1 - x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

/** The stretch of source samples that an axis reads: planned rows outside of it are never computed. */
export function usedSamples(plan: AxisPlan): { readonly first: number; readonly count: number } {
  const used = plan.starts.filter((start) => start !== paddingMark);
  const first = used.reduce((least, start) => Math.min(least, start), paddingMark);
  const last = used.reduce((most, start) => Math.max(most, start), 0);
  return { first, count: last + plan.taps - first };
}
