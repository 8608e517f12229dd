// Arguments that keep ffmpeg and ffprobe to the one file they are given. Demuxers are chosen by content, so a playlist named
// clip.mp4 would open other files: only these container formats are let in. A picture of 16000x16000 in a file of 752 kB
// would take gigabytes: larger frames than the limit are refused. `-max_alloc` was measured not to help.

const FORMATS =
  "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,h264,hevc,ivf,obu,m4v";

/** To be placed before every input. */
export function inputGuard(maxPixels: number): readonly string[] {
  return ["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-max_pixels", String(maxPixels)];
}

/** An absolute path as ffmpeg must be told it: without "file:" a leading dash is an option and "concat:" a protocol. */
export function inputUrl(path: string): string {
  return `file:${path}`;
}
