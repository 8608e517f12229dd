// H.264 without key frames: with intra refresh a picture is renewed strip by strip, and containers and parsers mark as a key
// frame the recovery point at which a round of that begins. A decode that begins there is damaged for a while, which its
// packet tells ahead of the picture: in the SEI message "recovery point" (ITU-T H.264, D.2.8), whose first number counts
// the frames until all is whole. Zero is a picture that decodes by itself (open groups have those).
import type { ProbeHeader } from "./probe_header.ts";

/** From the start of a packet, enough for what comes ahead of its picture. */
export const PACKET_HEAD_BYTES = 4096;

/** In a Matroska block: number of the track, time, flags. The number's top bit is set, which that of a length never is. */
const BLOCK_HEAD_BYTES = 4;
/** Types of NAL units. */
const [IDR_SLICE, SEI] = [5, 6];
/** A type of SEI message. */
const RECOVERY_POINT = 6;

/** Whether packets may tell that. In other containers they are not laid out so, and no decode begins late in the file. */
export function mayRecoverLate({
  videoCodec,
  seekable,
}: Pick<ProbeHeader, "videoCodec" | "seekable">): boolean {
  return videoCodec === "h264" && seekable;
}

/**
 * Whether decoding that begins with a packet yields whole pictures only some frames later.
 *
 * @param head of the packet as it lies in an mp4 or Matroska file: NAL units, each behind its length in four bytes.
 */
export function recoversLate(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let at = (head[0] ?? 0) >= 0x80 ? BLOCK_HEAD_BYTES : 0;
  let isLate = false;
  while (at + 4 < head.byteLength) {
    const end = at + 4 + view.getUint32(at);
    const type = head[at + 4]! & 0x1f;
    if (type <= IDR_SLICE) return isLate && type !== IDR_SLICE;
    if (type === SEI) isLate ||= countsFrames(withoutEscapes(head.subarray(at + 5, end)));
    at = end;
  }
  return isLate;
}

/** Whether SEI messages hold a recovery point that is not reached at once. */
function countsFrames(messages: Uint8Array): boolean {
  let at = 0;
  /** Coded as a sum that ends with the first byte below 255. */
  const number = (): number => {
    let sum = 0;
    while (messages[at] === 255) sum += messages[at++]!;
    return sum + (messages[at++] ?? 0);
  };
  while (at + 2 < messages.byteLength) {
    const type = number();
    const sizeBytes = number();
    // The Exp-Golomb code of zero is a single one.
    if (type === RECOVERY_POINT) return (messages[at] ?? 0xff) < 0x80;
    at += sizeBytes;
  }
  return false;
}

/** A 3 behind two zeros only keeps start codes out of the bytes. */
function withoutEscapes(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, i) => !(byte === 3 && bytes[i - 1] === 0 && bytes[i - 2] === 0));
}
