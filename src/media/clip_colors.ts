// The pixels of encoded clips: 4:2:0 of 8 bits, which every player and loader takes. 4:2:0 sources of 8 bits keep their
// samples and range; others become limited YUV, RGB by BT.709 and marked so. High dynamic range becomes SDR by the rule of
// tone_map.wgsl, where ffmpeg has the filters for it. The trap: ffmpeg marks frames with the range that they came with.
import type { PictureFormat } from "./picture_format.ts";
import { decimal } from "./step_expression.ts";

/** cd/m2 of diffuse white, and the light that just fits in units of it. */
const REFERENCE_WHITE = 203;
const TONE_PEAK = 1000 / REFERENCE_WHITE;
const TRANSFERS = { pq: "smpte2084", hlg: "arib-std-b67" } as const;

/** Filters that a tone map takes. */
export const TONE_FILTERS: readonly string[] = ["zscale", "tonemap"];

/** Whether its codes mean more light than a plain screen shows. */
export function isHighRange({ frame: { transfer = "sdr" } }: PictureFormat): boolean {
  return transfer !== "sdr";
}

/** @param toneMaps whether ffmpeg has `TONE_FILTERS`. */
export function clipColorFilters(picture: PictureFormat, toneMaps: boolean): string[] {
  const { width, height, range, pixelFormat = "yuv420p", transfer = "sdr" } = picture.frame;
  const size = `scale=${width}:${height}`;
  if (transfer !== "sdr" && toneMaps) {
    return [
      // Through RGB of full size, as zscale takes no 4:2:0 of odd sizes.
      `${size}:in_range=${range}:flags=bicubic+full_chroma_int+accurate_rnd`,
      "format=gbrp16le",
      `zscale=tin=${TRANSFERS[transfer]}:pin=bt2020:min=gbr:rin=full:t=linear:npl=${REFERENCE_WHITE}`,
      "format=gbrpf32le",
      "zscale=p=bt709",
      `tonemap=mobius:param=0.3:desat=0:peak=${decimal(TONE_PEAK)}`,
      "zscale=t=bt709:m=gbr:r=full",
      "format=gbrp16le",
      `${size}:out_color_matrix=bt709:out_range=limited`,
      "format=yuv420p",
      "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=limited",
    ];
  }
  // A turn or an odd size may have left the raw format alone: what counts is what the decoder gives.
  if (pixelFormat === "yuv420p") return [size, "format=yuv420p|yuvj420p"];
  const isRgb = !/^(yuv|gray|nv|p\d)/.test(pixelFormat);
  // Since version 7 ffmpeg takes all gray for full range: said of both sides, it leaves the codes of limited gray alone.
  const keepsCodes = pixelFormat.startsWith("gray") && range === "limited";
  const yuvRanges = keepsCodes ? "in_range=full:out_range=full" : `in_range=${range}:out_range=limited`;
  return [
    `${size}:${isRgb ? "out_color_matrix=bt709:out_range=limited" : yuvRanges}`,
    "format=yuv420p",
    `setparams=range=limited${isRgb ? ":colorspace=bt709" : ""}`,
  ];
}
