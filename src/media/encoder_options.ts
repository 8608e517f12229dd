// How each video encoder is called. Quality and speed follow NeMo Curator where it has the encoder (h264_nvenc,
// libvpx-vp9, libopenh264). Two rules serve the clips of one decode: key frames fall where they are asked for, and there
// are no B-frames, so that every clip starts at time zero without an edit list and its audio is cut at the same instant.

type Clock = readonly [numerator: number, denominator: number];

/** Stands for no encoder: packets are copied and clips begin at key frames. */
export const COPY = "copy";

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  libx264: ["-preset", "veryfast", "-crf", "20", "-bf", "0"],
  h264_nvenc: [
    ..."-rc:v vbr -cq:v 21 -tune hq -temporal-aq 1 -rc-lookahead 20 -spatial-aq 1".split(" "),
    ..."-bf 0 -forced-idr 1".split(" "),
  ],
  "libvpx-vp9": "-b:v 0 -crf 31 -deadline good -cpu-used 4 -row-mt 1 -tile-columns 2".split(" "),
  libopenh264: ["-b:v", "4M", "-bf", "0"],
};

/** Encoders of 4:2:0 H.264 refuse odd sizes. */
const ODD_SIZES = new Set(["libvpx-vp9"]);

/** Arguments that follow `-c:v <encoder>`. An encoder that is not in the table gets ffmpeg's defaults. */
export function encoderOptions(encoder: string, threads: number): readonly string[] {
  const options = OPTIONS[encoder] ?? ["-bf", "0"];
  return [...options, ...(threads > 0 ? ["-threads", String(threads)] : [])];
}

/** MPEG-4 counts time in 16 bits of a second at most. This clock counts the frames of all usual rates whole. */
const COARSE_CLOCK = [1, 60_000] as const;

/** Seconds per tick of the clock that an encoder is given for frames on a given one. */
export function encoderClock(encoder: string, clock: Clock): Clock {
  return encoder === "mpeg4" && clock[1] > 65_535 ? COARSE_CLOCK : clock;
}

export function needsEvenSize(encoder: string): boolean {
  return !ODD_SIZES.has(encoder);
}
