// Reads ClipInfo from an mp4 that ffmpeg has just written: the sample tables of its tracks (ISO/IEC 14496-12). With
// `+faststart` the moov box lies in front, so the first bytes of a clip are enough. The frame count is the number of
// samples; clips have no edit lists and no frames that are not shown, so decoding yields the same number.
import { DataError } from "../errors.ts";
import type { ClipInfo } from "./engine.ts";

interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

interface Track {
  readonly handler: string;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly sampleCount: number;
  readonly durationSeconds: number;
}

const CODECS: Readonly<Record<string, string>> = {
  ...{
    avc1: "h264",
    avc3: "h264",
    vp08: "vp8",
    vp09: "vp9",
    av01: "av1",
    hvc1: "hevc",
    hev1: "hevc",
  },
  ...{ mp4a: "aac", Opus: "opus", fLaC: "flac", alac: "alac" },
  ...{ "ac-3": "ac3", "ec-3": "eac3" },
};

/** An entry with this name tells by an object type what it holds, and what it holds mostly. */
const BY_OBJECT_TYPE: Readonly<Record<string, string>> = { mp4v: "mpeg4", mp4a: "aac" };

/** Bytes of an entry ahead of the boxes in it. */
const [VIDEO_ENTRY_BYTES, AUDIO_ENTRY_BYTES] = [78, 28];

/** The other object types that are met (registered at mp4ra.org). Two stand for all layers of MPEG audio, which ffmpeg calls mp3. */
const OBJECT_TYPES: Readonly<Record<number, string>> = {
  ...{ 96: "mpeg2video", 97: "mpeg2video", 98: "mpeg2video", 99: "mpeg2video", 100: "mpeg2video" },
  ...{ 101: "mpeg2video", 106: "mpeg1video", 108: "mjpeg" },
  ...{ 105: "mp3", 107: "mp3", 165: "ac3" },
};

/** As `readMp4Info`; undefined for a file that is no whole mp4, such as one that a full disk cut off. */
export function wholeMp4Info(bytes: Uint8Array, sizeBytes: number): ClipInfo | undefined {
  try {
    return readMp4Info(bytes, sizeBytes);
  } catch (error) {
    if (error instanceof DataError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * @param audioCodec what was copied or encoded, where the caller knows it better than the entry's four letters.
 * @throws DataError when the bytes hold no video track.
 */
export function readMp4Info(bytes: Uint8Array, sizeBytes: number, audioCodec?: string | null): ClipInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const moov = children(view, 0, view.byteLength).find((box) => box.type === "moov");
  const tracks = moov === undefined ? [] : childBoxes(view, moov, "trak").map((box) => readTrack(view, box));
  const video = tracks.find((track) => track.handler === "vide");
  const audio = tracks.find((track) => track.handler === "soun");
  if (video === undefined)
    throw new DataError(`Cannot read a clip as it has no video track: ${sizeBytes} bytes`);
  return {
    width: video.width,
    height: video.height,
    frameRate: video.durationSeconds > 0 ? video.sampleCount / video.durationSeconds : 0,
    frameCount: video.sampleCount,
    durationSeconds: video.durationSeconds,
    videoCodec: video.codec,
    audioCodec: audio === undefined ? null : (audioCodec ?? audio.codec),
    sizeBytes,
  };
}

/** Bytes from the start of an mp4 up to the end of its moov box, from the bytes at hand; undefined when not yet known. */
export function moovEnd(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return children(view, 0, view.byteLength).find((box) => box.type === "moov")?.end;
}

function readTrack(view: DataView, trak: Box): Track {
  const media = childBox(view, trak, "mdia");
  const mdhd = childBox(view, media, "mdhd");
  const handler = childBox(view, media, "hdlr");
  const table = childBox(view, childBox(view, media, "minf"), "stbl");
  const stts = childBox(view, table, "stts");
  const entry = children(view, childBox(view, table, "stsd").start + 8, childBox(view, table, "stsd").end)[0];
  if (entry === undefined) throw brokenBox("stsd");

  const version = view.getUint8(mdhd.start);
  const timescale = view.getUint32(mdhd.start + (version === 1 ? 20 : 12));
  let durationTicks = 0;
  for (let i = 0; i < view.getUint32(stts.start + 4); i++) {
    durationTicks += view.getUint32(stts.start + 8 + 8 * i) * view.getUint32(stts.start + 12 + 8 * i);
  }
  const isVideo = fourLetters(view, handler.start + 8) === "vide";
  return {
    handler: fourLetters(view, handler.start + 8),
    codec: codecOf(view, entry, isVideo ? VIDEO_ENTRY_BYTES : AUDIO_ENTRY_BYTES),
    width: isVideo ? view.getUint16(entry.start + 24) : 0,
    height: isVideo ? view.getUint16(entry.start + 26) : 0,
    sampleCount: view.getUint32(childBox(view, table, "stsz").start + 8),
    durationSeconds: timescale > 0 ? durationTicks / timescale : 0,
  };
}

/** The object type lies in the DecoderConfigDescriptor (tag 4) of the esds box. */
function codecOf(view: DataView, entry: Box, headBytes: number): string {
  const usual = BY_OBJECT_TYPE[entry.type];
  if (usual === undefined) return CODECS[entry.type] ?? entry.type;
  const esds = children(view, entry.start + headBytes, entry.end).find((box) => box.type === "esds");
  for (let at = (esds?.start ?? 0) + 4; esds !== undefined && at + 5 < esds.end; at++) {
    if (view.getUint8(at) !== 4) continue;
    let after = at + 1;
    while (after < esds.end && (view.getUint8(after) & 0x80) !== 0) after++;
    return OBJECT_TYPES[view.getUint8(after + 1)] ?? usual;
  }
  return usual;
}

function childBox(view: DataView, parent: Box, type: string): Box {
  const box = childBoxes(view, parent, type)[0];
  if (box === undefined) throw brokenBox(type);
  return box;
}

function childBoxes(view: DataView, parent: Box, type: string): Box[] {
  return children(view, parent.start, parent.end).filter((box) => box.type === type);
}

/** Boxes in [start, end); `start` of each is where its content begins. A box cut off by the end is left out. */
function children(view: DataView, start: number, end: number): Box[] {
  const boxes: Box[] = [];
  for (let at = start; at + 8 <= end; ) {
    const size32 = view.getUint32(at);
    const isLarge = size32 === 1 && at + 16 <= end;
    const size = isLarge ? Number(view.getBigUint64(at + 8)) : size32 === 0 ? end - at : size32;
    if (size < 8 || at + size > end) break;
    boxes.push({ type: fourLetters(view, at + 4), start: at + (isLarge ? 16 : 8), end: at + size });
    at += size;
  }
  return boxes;
}

function fourLetters(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

function brokenBox(type: string): DataError {
  return new DataError(`Cannot read a clip as its header lacks a box: ${type}`);
}
