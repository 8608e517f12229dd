// What a file that is no video begins as: text, a playlist, a picture. By its name alone a playlist can pass for an mp4, and
// what ffmpeg then complains of (an index that is missing) would mislead.

export type ContentKind = "playlist" | "text" | "picture" | "mp4" | "unknown";

/** How many bytes from the start are looked at. */
export const CONTENT_HEAD_BYTES = 512;

/** HLS, DASH, ffmpeg's concat script, SDP, Windows and other players' lists. */
const PLAYLISTS =
  /^\s*(#EXTM3U|<\?xml[^>]*>\s*(<!--.*?-->\s*)?<(MPD|SmoothStreamingMedia|smil)|<MPD|ffconcat|v=0\r?\n|\[playlist\]|<asx)/is;

/** First bytes, as Latin-1, of JPEG, PNG, GIF, TIFF (two byte orders), JPEG XL and Photoshop files. */
const PICTURES = ["\xff\xd8\xff", "\x89PNG", "GIF8", "II*\0", "MM\0*", "\0\0\0\x0cJXL ", "8BPS"];

/** Types of the boxes that an mp4 or QuickTime file may begin with. */
const FIRST_BOXES = new Set("ftyp styp moov moof mdat free skip wide pnot sidx uuid".split(" "));
/** Brands of HEIF and AVIF pictures, which are mp4 boxes too. */
const PICTURE_BRANDS = new Set("heic heix heim heis mif1 avif".split(" "));

/** @param head the first bytes of a file. */
export function contentKind(head: Uint8Array): ContentKind {
  const text = String.fromCharCode(...head.subarray(0, CONTENT_HEAD_BYTES));
  if (PLAYLISTS.test(text)) return "playlist";
  if (PICTURES.some((start) => text.startsWith(start)) || isWebpOrBmp(text)) return "picture";
  if (head.subarray(0, 64).every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d))) return "text";
  if (!FIRST_BOXES.has(text.slice(4, 8))) return "unknown";
  return text.slice(4, 8) === "ftyp" && PICTURE_BRANDS.has(text.slice(8, 12)) ? "picture" : "mp4";
}

function isWebpOrBmp(text: string): boolean {
  const isWebp = text.startsWith("RIFF") && text.slice(8, 12) === "WEBP";
  return isWebp || (text.startsWith("BM") && text.slice(6, 10) === "\0\0\0\0");
}
