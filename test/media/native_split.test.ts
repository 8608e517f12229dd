// Splits generated videos of many kinds and lets ffmpeg itself judge: each clip decodes to the number of frames that it
// says, clips together hold exactly the frames of their spans, and sampled frames equal those that ffmpeg extracts by number.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InterruptedError } from "../../src/errors.ts";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine, VideoInfo } from "../../src/media/engine.ts";
import { framesInSpan } from "../../src/media/frame_span.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import {
  decode,
  fast,
  ffmpeg,
  ffprobe,
  framesByNumber,
  picture,
  splitAll,
  tone,
  turnClockwise,
} from "./generated_videos.ts";

let folder: TempFolder;
let engine: MediaEngine;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  engine = await createNativeEngine();
});
afterAll(() => folder.remove());

interface Kind {
  readonly file: string;
  readonly make: (out: string) => Promise<unknown>;
  readonly expected: Partial<VideoInfo>;
  readonly clipSize?: readonly [number, number];
  readonly clipAudio?: string | null;
  readonly notes?: RegExp;
}

// Frame times 0, 1/30, ... with every third frame left out, and a pause after two seconds.
const irregular = ["-vf", "select='mod(n+1,3)',setpts='PTS+gt(T,2)*0.75/TB'", "-vsync", "vfr"];

const kinds: readonly Kind[] = [
  {
    file: "constant.mp4",
    make: (out) => ffmpeg(...picture("128x96", "25", 5), ...tone(5), ...fast, "-c:a", "aac", out),
    expected: {
      width: 128,
      height: 96,
      frameRate: 25,
      frameCount: 125,
      durationSeconds: 5,
      audioCodec: "aac",
    },
    clipAudio: "aac",
  },
  {
    file: "ntsc with B-frames.mp4",
    make: (out) =>
      ffmpeg(...picture("128x96", "30000/1001", 5.005), "-c:v", "libx264", "-preset", "veryfast", out),
    expected: { frameRate: 30000 / 1001, frameCount: 150, audioCodec: null },
    clipAudio: null,
  },
  {
    file: "variable.mp4",
    make: (out) => ffmpeg(...picture("128x96", "30", 5), ...irregular, ...fast, out),
    expected: { frameCount: 100 },
  },
  {
    file: "turned.mp4",
    make: async (out) => {
      await ffmpeg(...picture("160x96", "25", 4), ...fast, out);
      const bytes = await readFile(out);
      turnClockwise(bytes, 96);
      await writeFile(out, bytes);
    },
    expected: { width: 96, height: 160, rotationDegrees: 90, frameCount: 100 },
    clipSize: [96, 160],
  },
  {
    file: "pcm.mkv",
    make: (out) => ffmpeg(...picture("128x96", "25", 4), ...tone(4), ...fast, "-c:a", "pcm_s16le", out),
    expected: { audioCodec: "pcm_s16le", frameCount: 100 },
    clipAudio: "aac",
    notes: /audio re-encoded to AAC as mp4 cannot hold it: pcm_s16le/,
  },
  {
    file: "odd.mkv",
    make: (out) =>
      ffmpeg(
        ...picture("164x124", "25", 4),
        "-vf",
        "format=yuv444p,crop=161:121",
        ...fast,
        "-pix_fmt",
        "yuv444p",
        out,
      ),
    expected: { width: 161, height: 121, frameCount: 100 },
    clipSize: [162, 122],
    notes: /padded to an even size as libx264 needs one: 161x121\npixels converted to 8-bit 4:2:0: yuv444p/,
  },
  {
    file: "ten-bit.mp4",
    make: (out) => ffmpeg(...picture("128x96", "25", 4), ...fast, "-pix_fmt", "yuv422p10le", out),
    expected: { pixelFormat: "yuv422p10le", range: "limited" },
    notes: /pixels converted to 8-bit 4:2:0: yuv422p10le/,
  },
  {
    file: "full range.mp4",
    make: (out) =>
      ffmpeg(...picture("128x96", "25", 4), ...fast, "-pix_fmt", "yuvj420p", "-colorspace", "bt709", out),
    expected: { range: "full", matrix: "bt709" },
  },
  {
    file: "without times.avi",
    make: (out) => ffmpeg(...picture("128x96", "25", 4), "-c:v", "mpeg4", "-bf", "2", out),
    expected: { frameRate: 25, frameCount: 100, videoCodec: "mpeg4" },
  },
  {
    file: "late start.ts",
    make: (out) =>
      ffmpeg(
        ...picture("128x96", "25", 4),
        ...tone(4),
        ...fast,
        "-bf",
        "2",
        "-c:a",
        "mp2",
        "-output_ts_offset",
        "50",
        out,
      ),
    expected: { frameRate: 25, frameCount: 100, audioCodec: "mp2" },
  },
  {
    file: "-v concat:a|b $(x) 'q'.webm",
    make: (out) =>
      ffmpeg(...picture("128x96", "24", 4), ...tone(4), "-c:v", "libvpx", "-c:a", "libvorbis", `file:${out}`),
    expected: { frameRate: 24, frameCount: 96, audioCodec: "vorbis" },
    clipAudio: "aac",
  },
  {
    file: "joined.ts",
    make: async (out) => {
      const part = folder.file("part.ts");
      await ffmpeg(
        ...picture("64x64", "25", 2),
        ...tone(2),
        "-c:v",
        "libx264",
        "-bf",
        "2",
        "-c:a",
        "aac",
        part,
      );
      await writeFile(out, Buffer.concat([await readFile(part), await readFile(part)]));
    },
    expected: { frameRate: 25, frameCount: 100, durationSeconds: 4 },
    clipAudio: "aac",
    notes:
      /^the clock starts anew: frames laid out evenly as they follow each other, 25 per second, and sound/,
  },
  {
    // The second pass of VP8 puts reference frames that are not shown into packets of their own.
    file: "hidden references.webm",
    make: async (out) => {
      const vp8 = ["-c:v", "libvpx", "-b:v", "60k", "-auto-alt-ref", "1", "-lag-in-frames", "16"];
      const pass = (number: string): string[] => ["-pass", number, "-passlogfile", folder.file("passes")];
      await ffmpeg(...picture("64x64", "25", 4), ...vp8, ...pass("1"), "-f", "null", "-");
      await ffmpeg(...picture("64x64", "25", 4), ...vp8, ...pass("2"), out);
    },
    expected: { frameRate: 25, frameCount: 100, durationSeconds: 4 },
  },
];

describe.each(kinds)("$file", (kind) => {
  let path: string;
  let info: VideoInfo;

  beforeAll(async () => {
    path = folder.file(kind.file);
    await kind.make(path);
    info = await engine.probe({ kind: "file", path });
  });

  test("is probed as it is", async () => {
    expect(info).toMatchObject(kind.expected);
    expect(info.frameTimes[0]).toBe(0);
    expect(info.frameTimes).toHaveLength(info.frameCount);
    expect(await decode(path)).toEqual({ frameCount: info.frameCount, audioCodec: info.audioCodec });
  });

  test("is split to the frame", async () => {
    // 1.3 s is no multiple of any frame's duration; the last span ends where the video does.
    const spans = [0, 1.3].map((start) => ({ startSeconds: start, endSeconds: start + 1.3 }));
    spans.push({ startSeconds: 2.6, endSeconds: info.durationSeconds });
    const { report, clips, frames } = await splitAll(engine, { kind: "file", path }, info, spans);
    expect(report).toMatchObject({ decodeErrors: 0, emptySpans: [] });
    if (kind.notes === undefined)
      expect(report.notes.filter((note) => !note.startsWith("audio"))).toEqual([]);
    else expect(report.notes.join("\n")).toMatch(kind.notes);

    expect(clips.map((clip) => clip.index)).toEqual([0, 1, 2]);
    expect(clips.reduce((sum, clip) => sum + clip.info.frameCount, 0)).toBe(info.frameCount);
    for (const { index, info: clip, bytes } of clips) {
      const { first, end } = framesInSpan(info.frameTimes, spans[index]!);
      expect(clip.frameCount).toBe(end - first);
      expect(clip.sizeBytes).toBe(bytes.byteLength);
      expect([clip.width, clip.height]).toEqual(kind.clipSize ?? [info.width, info.height]);
      const file = folder.file(`clip${index}.mp4`);
      await writeFile(file, bytes);
      expect(await decode(file)).toEqual({ frameCount: clip.frameCount, audioCodec: clip.audioCodec });
      if (kind.clipAudio !== undefined) expect(clip.audioCodec).toBe(kind.clipAudio);
    }

    expect(frames.map(({ clip, sample }) => `${clip}.${sample}`)).toEqual(
      [0, 1, 2].flatMap((clip) => [0, 1, 2].map((sample) => `${clip}.${sample}`)),
    );
    const numbers = spans.flatMap((span) => {
      const { first, end } = framesInSpan(info.frameTimes, span);
      return [first, Math.floor((first + end - 1) / 2), end - 1];
    });
    const unique = [...new Set(numbers)];
    const extracted = await framesByNumber(path, unique, info.stream!.picture.rawFormat);
    const size = extracted.byteLength / unique.length;
    const format = info.stream!.picture.frame;
    expect(format).toMatchObject({
      width: info.width,
      height: info.height,
      matrix: info.matrix,
      range: info.range,
    });
    frames.forEach(({ frame }, i) => {
      expect(frame).toMatchObject(format);
      const at = unique.indexOf(numbers[i]!) * size;
      expect(Buffer.compare(frame.data, extracted.subarray(at, at + size)), `frame ${numbers[i]}`).toBe(0);
    });
  });
});

describe("what is not wanted", () => {
  let path: string;
  let info: VideoInfo;
  beforeAll(async () => {
    path = folder.file("six seconds.mp4");
    await ffmpeg(...picture("128x96", "25", 6), ...tone(6), ...fast, "-c:a", "aac", path);
    info = await engine.probe({ kind: "file", path });
  });

  test("before, between and after spans is discarded, audio included", async () => {
    const spans = [
      [1, 2],
      [3, 3.5],
      [3.5, 4],
    ].map(([startSeconds, endSeconds]) => ({ startSeconds: startSeconds!, endSeconds: endSeconds! }));
    const { clips, frames, report } = await splitAll(engine, { kind: "file", path }, info, spans);
    expect(clips.map((clip) => clip.info.frameCount)).toEqual([25, 13, 12]);
    expect(report.emptySpans).toEqual([]);
    for (const { index, bytes } of clips) {
      const file = folder.file("part.mp4");
      await writeFile(file, bytes);
      const seconds = Number(
        await ffprobe("-select_streams", "a:0", "-show_entries", "stream=duration", "-of", "csv=p=0", file),
      );
      const wanted = spans[index]!.endSeconds - spans[index]!.startSeconds;
      // Audio is cut between packets of 1024 samples at 44.1 kHz, one more at either end.
      expect(Math.abs(seconds - wanted)).toBeLessThan(0.075);
    }
    expect(Buffer.compare(frames[3]!.frame.data, await framesByNumber(path, [75]))).toBe(0);
  });

  test("clips alone, frames alone, one span, and a span beyond the end", async () => {
    const span = { startSeconds: 0, endSeconds: 6 };
    const source = { kind: "file", path } as const;
    const clipsAlone = await splitAll(engine, source, info, [span], { sampleFrames: [[]] });
    expect([clipsAlone.clips[0]?.info.frameCount, clipsAlone.frames.length]).toEqual([150, 0]);
    const framesAlone = await splitAll(engine, source, info, [span], {
      encoder: null,
      sampleFrames: [[7, 7, 149]],
    });
    expect([framesAlone.clips.length, framesAlone.frames.length]).toEqual([0, 3]);
    expect(Buffer.compare(framesAlone.frames[1]!.frame.data, await framesByNumber(path, [7]))).toBe(0);
    const beyond = { startSeconds: 6, endSeconds: 16 };
    const { report, clips } = await splitAll(engine, source, info, [span, beyond]);
    expect([report.emptySpans, clips.length]).toEqual([[1], 1]);
  });

  test("bytes in memory give what the file gives", async () => {
    const source = {
      kind: "bytes",
      bytes: new Uint8Array(await readFile(path)),
      name: "in memory.mp4",
    } as const;
    const probed = await engine.probe(source);
    expect(probed).toEqual(info);
    const { clips } = await splitAll(engine, source, probed, [{ startSeconds: 0, endSeconds: 1 }]);
    expect(clips[0]?.info.frameCount).toBe(25);
  });

  test("another encoder keeps the frames", async () => {
    const span = { startSeconds: 0, endSeconds: 0.4 };
    const source = { kind: "file", path } as const;
    const { clips } = await splitAll(engine, source, info, [span], { encoder: "libvpx-vp9" });
    expect(clips[0]?.info).toMatchObject({ videoCodec: "vp9", frameCount: 10 });
  });

  test("a stop request ends ffmpeg and leaves no temporary files", async () => {
    const stop = new AbortController();
    const temporary = async () =>
      (await readdir(tmpdir())).filter((name) => name.startsWith(`clipsieve-clips-${process.pid}-`));
    const span = { startSeconds: 0, endSeconds: 6 };
    const split = engine.split(
      {
        source: { kind: "file", path },
        info,
        spans: [span],
        encoder: "libx264",
        encoderThreads: 0,
        sampleFrames: [[0, 100]],
        signal: stop.signal,
      },
      { onClip: async () => undefined, onFrame: async () => stop.abort() },
    );
    await expect(split).rejects.toThrow(InterruptedError);
    expect(await temporary()).toEqual([]);
  });

  test("what a sink rejects with comes through", async () => {
    const split = splitAll(engine, { kind: "file", path }, info, [{ startSeconds: 0, endSeconds: 6 }]);
    await split;
    const failing = engine.split(
      {
        source: { kind: "file", path },
        info,
        spans: [{ startSeconds: 0, endSeconds: 6 }],
        encoder: null,
        encoderThreads: 0,
        sampleFrames: [[0]],
      },
      { onClip: async () => undefined, onFrame: () => Promise.reject(new RangeError("full")) },
    );
    await expect(failing).rejects.toThrow(new RangeError("full"));
  });
});

test("hundreds of clips and samples go through one decode", async () => {
  const path = folder.file("many.mp4");
  await ffmpeg(...picture("32x32", "100", 24), ...fast, "-g", "1000", path);
  const source = { kind: "file", path } as const;
  const info = await engine.probe(source);
  const spans = Array.from({ length: 600 }, (_, i) => ({ startSeconds: i / 25, endSeconds: (i + 1) / 25 }));
  // So many that the filter no longer fits into an argument.
  const sampleFrames = spans.map((_, i) => [4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3]);
  const { clips, frames, report } = await splitAll(engine, source, info, spans, { sampleFrames });
  expect(clips.map((clip) => clip.info.frameCount)).toEqual(Array(600).fill(4));
  expect(report.emptySpans).toEqual([]);
  const numbers = [0, 1501, 2399];
  const picked = numbers.map((number) => frames[number]!.frame.data);
  expect(Buffer.compare(Buffer.concat(picked), await framesByNumber(path, numbers))).toBe(0);
});

test.each([
  ["flac", "flac"],
  ["opus", "libopus"],
  ["mp3", "libmp3lame"],
  ["ac3", "ac3"],
])("sound that mp4 holds is copied, and no complaint is made of it: %s", async (codec, encoder) => {
  const path = folder.file(`${codec}.mkv`);
  await ffmpeg(...picture("64x48", "25", 2), ...tone(2), ...fast, "-c:a", encoder, path);
  const source = { kind: "file", path } as const;
  const info = await engine.probe(source);
  const { report, clips } = await splitAll(engine, source, info, [{ startSeconds: 0, endSeconds: 1 }]);
  expect(report).toMatchObject({ decodeErrors: 0, complaint: null, notes: [] });
  const clip = folder.file(`${codec}.clip.mp4`);
  await writeFile(clip, clips[0]!.bytes);
  expect(await decode(clip)).toEqual({ frameCount: 25, audioCodec: codec });
});

test.each([
  [15, "ogv", ["-c:v", "libtheora"]],
  [24, "avi", ["-c:v", "mpeg4"]],
  [30, "avi", ["-c:v", "mpeg4"]],
  [60, "avi", ["-c:v", "mpeg4"]],
] as const)(
  "clips begin where they should at %i frames a second on a clock of frames, in %s",
  async (rate, kind, codec) => {
    const path = folder.file(`clock of frames ${rate}.${kind}`);
    await ffmpeg(...picture("64x64", String(rate), 6), ...codec, path);
    const source = { kind: "file", path } as const;
    const info = await engine.probe(source);
    expect(info.stream?.timeBase).toEqual([1, rate]);
    // Of six frames that follow each other some begin a third of a microsecond off.
    const frames = [0, 10, 21, 32, 43, 54, 65, 76, 87];
    const spans = frames.map((first, i) => ({
      startSeconds: first / rate,
      endSeconds: (frames[i + 1] ?? 90) / rate,
    }));
    const { clips } = await splitAll(engine, source, info, spans);
    const counts = frames.map((first, i) => (frames[i + 1] ?? 90) - first);
    expect(clips.map((clip) => clip.info.frameCount)).toEqual(counts);
  },
);

test("an encoder whose clock is coarse takes the clock of MPEG-TS", async () => {
  const path = folder.file("mpeg4 from a fine clock.ts");
  await ffmpeg(...picture("64x64", "30000/1001", 2), ...fast, path);
  const source = { kind: "file", path } as const;
  const info = await engine.probe(source);
  const spans = [0, 1].map((start) => ({ startSeconds: start, endSeconds: start + 1 }));
  expect((await engine.encoders(["mpeg4"]))[0]).toEqual({ name: "mpeg4", works: true });
  const { clips, report } = await splitAll(engine, source, info, spans, { encoder: "mpeg4" });
  expect(clips.map((clip) => [clip.info.frameCount, clip.info.videoCodec])).toEqual([
    [30, "mpeg4"],
    [30, "mpeg4"],
  ]);
  expect(report.decodeErrors).toBe(0);
});
