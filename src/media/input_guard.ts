// Arguments that keep ffmpeg to the one file it is given. Demuxers are chosen by content, so a playlist named clip.mp4
// would open other files: only these container formats are let in. A picture of 16000x16000 in a file of 752 kB would
// take gigabytes: frames beyond 64 megapixels are refused. `-max_alloc` was measured not to help.

export const MAX_PIXELS = 67_108_864;

const FORMATS =
  "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,h264,hevc,ivf,obu,m4v";

/** To be placed before the input. */
export const INPUT_GUARD: readonly string[] = [
  ...["-protocol_whitelist", "file"],
  ...["-format_whitelist", FORMATS],
  ...["-max_pixels", String(MAX_PIXELS)],
];

/** A path as ffmpeg must be told it: without "file:" a leading dash is an option and "concat:" a protocol. */
export function inputUrl(path: string): string {
  return `file:${path}`;
}
