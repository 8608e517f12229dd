// Twin of frame_to_tensor in plain loops and float64: colour, width, height, then placement and scaling.
import type { YuvFrame } from "../types.ts";
import { clip, frameToRgb, resample } from "./frame_to_rows.ts";

export function frameToTensor(
  frames: readonly YuvFrame[],
  rule: {
    readonly outWidth: number;
    readonly outHeight: number;
    readonly filter: "bilinear" | "bicubic";
    readonly crop: "center" | "letterbox" | "stretch";
    readonly shorterSide?: number;
    readonly padding?: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
  },
): Float32Array {
  const { outWidth, outHeight, filter, crop, shorterSide, padding = 0, mean, std } = rule;
  const tensor: number[] = [];
  for (const frame of frames) {
    const { width, height, pixelAspect = 1 } = frame;
    const shownWidth = width * pixelAspect;
    let [resizedWidth, resizedHeight] = [outWidth, outHeight];
    if (crop !== "stretch") {
      const scales = [outWidth / shownWidth, outHeight / height];
      let scale = crop === "center" ? Math.max(...scales) : Math.min(...scales);
      if (crop === "center" && shorterSide !== undefined) scale = shorterSide / Math.min(shownWidth, height);
      // Half a millionth absorbs the rounding of a product that is a whole number in exact arithmetic.
      resizedWidth = Math.max(1, Math.floor(shownWidth * scale + 5e-7));
      resizedHeight = Math.max(1, Math.floor(height * scale + 5e-7));
    }
    const left = Math.floor((resizedWidth - outWidth) / 2);
    const top = Math.floor((resizedHeight - outHeight) / 2);
    const rgb = frameToRgb(frame);
    for (let channel = 0; channel < 3; channel++) {
      const column = (x: number, y: number) =>
        clip(
          resample((k) => rgb[(channel * height + y) * width + k]!, width, resizedWidth, x + left, filter),
        );
      for (let y = 0; y < outHeight; y++) {
        for (let x = 0; x < outWidth; x++) {
          const inside = x + left >= 0 && x + left < resizedWidth && y + top >= 0 && y + top < resizedHeight;
          const value = inside
            ? clip(resample((k) => column(x, k), height, resizedHeight, y + top, filter))
            : padding;
          tensor.push((value / 255 - mean[channel]!) / std[channel]!);
        }
      }
    }
  }
  return Float32Array.from(tensor);
}
