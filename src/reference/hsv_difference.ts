// Twin of hsv_difference in plain loops: OpenCV's 8-bit HSV by division and rounding instead of tables.

/**
 * @param frames packed 8-bit RGB frames of one size.
 * @returns three sums for each frame after the first: of the absolute differences in hue, saturation and value.
 */
export function hsvDifference(frames: readonly Uint8Array[]): Uint32Array {
  const sums = new Uint32Array(3 * Math.max(0, frames.length - 1));
  for (let pair = 0; pair + 1 < frames.length; pair++) {
    for (let at = 0; at < frames[pair]!.length; at += 3) {
      const before = hsvOf(frames[pair]!, at);
      const after = hsvOf(frames[pair + 1]!, at);
      for (let channel = 0; channel < 3; channel++) {
        sums[3 * pair + channel]! += Math.abs(after[channel]! - before[channel]!);
      }
    }
  }
  return sums;
}

/** Hue 0..179 (half degrees), saturation and value 0..255 of the pixel whose bytes begin at `at`. */
export function hsvOf(rgb: Uint8Array, at = 0): [hue: number, saturation: number, value: number] {
  const [r, g, b] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
  const value = Math.max(r, g, b);
  const chroma = value - Math.min(r, g, b);
  if (chroma === 0) return [0, 0, value];
  // Quotients are rounded to multiples of 1 / 4096 first.
  const saturation = Math.floor((chroma * Math.round((255 * 4096) / value)) / 4096 + 0.5);
  const sector = value === r ? g - b : value === g ? b - r + 2 * chroma : r - g + 4 * chroma;
  const hue = Math.floor((sector * Math.round((180 * 4096) / (6 * chroma))) / 4096 + 0.5);
  return [hue < 0 ? hue + 180 : hue, saturation, value];
}
