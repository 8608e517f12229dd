// What ffmpeg's WebP muxer left in a file: how many frames, and the one thing it cannot know, how long the last is shown
// (it takes the length of a source frame). Chunks as in Google's "WebP Container Specification": RIFF, an ANMF chunk for
// each frame of an animation, a bare picture where there is one frame only.

/** Offset within an ANMF chunk of how long its frame is shown, 24 bits, milliseconds. */
const DURATION_OFFSET = 12;
const CHUNK_HEADER = 8;
const RIFF_HEADER = 12;

/** The number of frames of a WebP; the last frame of an animation is set to be shown for `lastMilliseconds`. */
export function finishWebp(bytes: Uint8Array, lastMilliseconds: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frameCount = 0;
  let pictureCount = 0;
  let lastFrame: number | undefined;
  for (let at = RIFF_HEADER; at + CHUNK_HEADER <= bytes.byteLength; ) {
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    const size = view.getUint32(at + 4, true);
    if (type === "ANMF") {
      frameCount++;
      lastFrame = at + CHUNK_HEADER;
    }
    if (type === "VP8 " || type === "VP8L") pictureCount++;
    at += CHUNK_HEADER + size + (size % 2);
  }
  if (lastFrame === undefined || lastFrame + DURATION_OFFSET + 4 > bytes.byteLength) return pictureCount;
  const duration = Math.min(Math.round(lastMilliseconds), 0xffffff);
  view.setUint16(lastFrame + DURATION_OFFSET, duration & 0xffff, true);
  view.setUint8(lastFrame + DURATION_OFFSET + 2, duration >> 16);
  return frameCount;
}
