// Which files of a folder are taken for videos. A name only suggests: the content decides when the file is probed.

/** The reference's five first, then what cameras, phones, broadcasters and the web add. */
export const videoExtensions: readonly string[] = [
  ...[".mp4", ".mov", ".avi", ".mkv", ".webm"],
  ...[".m4v", ".3gp", ".3g2", ".mpg", ".mpeg", ".ts", ".m2ts", ".mts", ".vob"],
  ...[".flv", ".f4v", ".ogv", ".ogg", ".wmv", ".asf"],
];

const known = new Set(videoExtensions);

/** Whether a path ends like a video's, in upper or lower case. Names that are only an extension (".mp4") are hidden files. */
export function isVideoPath(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 && known.has(name.slice(dot).toLowerCase());
}
