// Cuts generated videos without encoding and lets ffmpeg judge: the frames that the clips decode to, one clip after the
// other, are those of the source, each once, pixel for pixel.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine, VideoInfo } from "../../src/media/engine.ts";
import { framesInSpan } from "../../src/media/frame_span.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import type { Span } from "../../src/types.ts";
import { spansAtKeyFrames } from "../../src/video/key_frame_spans.ts";
import {
  type DeliveredClip,
  decode,
  fast,
  ffmpeg,
  ffprobe,
  frameDigests,
  framesByNumber,
  picture,
  splitAll,
  tone,
  turnClockwise,
} from "./generated_videos.ts";

const withBFrames = ["-c:v", "libx264", "-preset", "veryfast", "-g", "20"];
const sound = ["-c:a", "aac"];

let folder: TempFolder;
let engine: MediaEngine;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  engine = await createNativeEngine();
  await ffmpeg(
    ...picture("64x48", "25", 6),
    ...tone(6),
    ...withBFrames,
    ...sound,
    folder.file("b-frames.mp4"),
  );
});
afterAll(() => folder.remove());

const even = (seconds: number, until: number): Span[] =>
  Array.from({ length: Math.ceil(until / seconds) }, (_, i) => ({
    startSeconds: i * seconds,
    endSeconds: Math.min((i + 1) * seconds, until),
  }));

async function cut(
  file: string,
  planned: (info: VideoInfo) => readonly Span[],
  sample = false,
): Promise<{ info: VideoInfo; spans: Span[]; notes: readonly string[]; clips: readonly DeliveredClip[] }> {
  const source = { kind: "file", path: folder.file(file) } as const;
  const info = await engine.probe(source);
  const moved = spansAtKeyFrames(info, planned(info), { name: file, limitClips: 0 });
  const spans = moved.spans.map(({ span }) => span);
  const none = sample ? {} : { sampleFrames: spans.map(() => []) };
  const { clips, report } = await splitAll(engine, source, info, spans, { encoder: "copy", ...none });
  expect(report.emptySpans).toEqual([]);
  return { info, spans, notes: [...moved.notes, ...report.notes], clips };
}

/** The digests of all clips' frames, one clip after the other; checks what each clip says of itself. */
async function digestsOf(
  info: VideoInfo,
  spans: readonly Span[],
  clips: readonly DeliveredClip[],
): Promise<string[]> {
  expect(clips.map(({ index }) => index)).toEqual(spans.map((_, index) => index));
  const digests: string[] = [];
  for (const { index, info: clip, bytes } of clips) {
    const file = folder.file(`copied_${index}.mp4`);
    await writeFile(file, bytes);
    const shown = await frameDigests(file);
    const { first, end } = framesInSpan(info.frameTimes, spans[index]!);
    expect(clip).toMatchObject({ frameCount: end - first, width: info.width, height: info.height });
    expect(shown).toHaveLength(end - first);
    expect(clip.durationSeconds).toBeCloseTo(spans[index]!.endSeconds - spans[index]!.startSeconds, 2);
    digests.push(...shown);
  }
  return digests;
}

const kinds: readonly (readonly [
  file: string,
  make: (out: string) => Promise<unknown>,
  audio: string | null,
])[] = [
  ["b-frames.mp4", async () => undefined, "aac"],
  ["matroska.mkv", (out) => ffmpeg("-i", folder.file("b-frames.mp4"), "-c", "copy", out), "aac"],
  [
    "late start.ts",
    (out) => ffmpeg("-i", folder.file("b-frames.mp4"), "-c", "copy", "-output_ts_offset", "50", out),
    "aac",
  ],
  // Begins between key frames: an edit list hides the packets that lead there.
  [
    "edit list.mp4",
    (out) => ffmpeg("-ss", "0.5", "-i", folder.file("b-frames.mp4"), "-c", "copy", out),
    "aac",
  ],
  [
    "turned.mp4",
    async (out) => {
      await ffmpeg(...picture("64x48", "25", 4), ...fast, "-g", "30", out);
      const bytes = await readFile(out);
      turnClockwise(bytes, 48);
      await writeFile(out, bytes);
    },
    null,
  ],
  [
    "vorbis.webm",
    (out) =>
      ffmpeg(
        ...picture("64x48", "24", 4),
        ...tone(4),
        "-c:v",
        "libvpx-vp9",
        "-g",
        "24",
        "-c:a",
        "libvorbis",
        out,
      ),
    "aac",
  ],
  ["motion jpeg.avi", (out) => ffmpeg(...picture("64x48", "25", 4), "-c:v", "mjpeg", out), null],
  // Frames ahead of a key frame on screen lie behind it in the file, and need what lies before.
  [
    "open groups.mkv",
    (out) =>
      ffmpeg(
        ...picture("64x48", "25", 6),
        "-c:v",
        "libx264",
        "-g",
        "20",
        "-x264-params",
        "open-gop=1:scenecut=0",
        out,
      ),
    null,
  ],
];

describe("without encoding", () => {
  test.each(kinds)("%s comes apart into its own frames", async (file, make, audio) => {
    await make(folder.file(file));
    const { info, spans, clips } = await cut(file, ({ durationSeconds }) => even(1.3, durationSeconds));
    expect(spans[0]?.startSeconds).toBe(0);
    expect(spans.at(-1)?.endSeconds).toBe(info.durationSeconds);
    for (const [i, { endSeconds }] of spans.slice(0, -1).entries())
      expect(endSeconds).toBe(spans[i + 1]!.startSeconds);
    expect(await digestsOf(info, spans, clips)).toEqual(await frameDigests(folder.file(file)));
    for (const { index } of clips)
      expect((await decode(folder.file(`copied_${index}.mp4`))).audioCodec).toBe(audio);
  });

  test("what lies before, between and after spans is in no clip, whichever clock the container has", async () => {
    for (const [file, make] of kinds.filter(([, , audio]) => audio !== null).slice(0, 4)) {
      if (file.endsWith(".ts")) continue;
      await make(folder.file(file));
      const { info, spans, clips } = await cut(file, () => [
        { startSeconds: 0.9, endSeconds: 1.7 },
        { startSeconds: 2.4, endSeconds: 3.3 },
        { startSeconds: 3.3, endSeconds: 4.1 },
      ]);
      expect(spans.length).toBe(3);
      const all = await frameDigests(folder.file(file));
      const wanted = spans.flatMap((span) => {
        const { first, end } = framesInSpan(info.frameTimes, span);
        return all.slice(first, end);
      });
      expect(wanted.length).toBeLessThan(all.length);
      expect(await digestsOf(info, spans, clips)).toEqual(wanted);
      for (const { index } of clips) {
        const entries = ["-select_streams", "a:0", "-show_entries", "stream=duration", "-of", "csv=p=0"];
        const seconds = Number(await ffprobe(...entries, folder.file(`copied_${index}.mp4`)));
        // Packets lie in decoding order: sound that comes after a key frame in the file goes with it, two frames early.
        expect(Math.abs(seconds - (spans[index]!.endSeconds - spans[index]!.startSeconds))).toBeLessThan(
          0.16,
        );
      }
    }
  });

  test("frames can be sampled in the same run", async () => {
    const { info, spans, clips } = await cut(
      "b-frames.mp4",
      ({ durationSeconds }) => even(2, durationSeconds),
      true,
    );
    expect(await digestsOf(info, spans, clips)).toEqual(await frameDigests(folder.file("b-frames.mp4")));
  });

  test("key frames alone are decoded where that is all that is asked for, copying or not", async () => {
    const path = folder.file("b-frames.mp4");
    const source = { kind: "file", path } as const;
    const info = await engine.probe(source);
    expect(info.keyFrames?.all).toEqual([0, 20, 40, 60, 80, 100, 120, 140]);
    const spans = [
      { startSeconds: 0, endSeconds: 2.4 },
      { startSeconds: 2.4, endSeconds: 6 },
    ];
    // 25 is no key frame: that another one stands in for it shows that it was not decoded.
    const asked = {
      sampleFrames: [
        [0, 25],
        [60, 140],
      ],
      keyFramesOnly: true,
    };
    const numbers = { null: [0, 40, 60, 140], copy: [0, 40, 60, 140], libx264: [0, 25, 60, 140] };
    for (const [encoder, expected] of Object.entries(numbers)) {
      const choice = { ...asked, encoder: encoder === "null" ? null : encoder };
      const { frames, clips, report } = await splitAll(engine, source, info, spans, choice);
      const extracted = await framesByNumber(path, expected);
      expect(Buffer.compare(Buffer.concat(frames.map(({ frame }) => frame.data)), extracted), encoder).toBe(
        0,
      );
      expect([report.decodeErrors, clips.length]).toEqual([0, encoder === "null" ? 0 : 2]);
    }
  });

  test("a picture that mp4 cannot hold, or packets without times, is refused with the remedy", async () => {
    await ffmpeg(...picture("64x48", "25", 2), "-c:v", "libvpx", folder.file("vp8.webm"));
    await ffmpeg(...picture("64x48", "25", 2), "-c:v", "mpeg4", "-bf", "2", folder.file("no times.avi"));
    for (const [file, why] of [
      ["vp8.webm", /mp4 cannot hold vp8: vp8\.webm\. .*--transcode-encoder auto/],
      ["no times.avi", /its packets carry no presentation times/],
    ] as const) {
      await expect(cut(file, () => even(1, 2))).rejects.toThrow(
        expect.objectContaining({ reason: "copy-failed", message: expect.stringMatching(why) }),
      );
    }
  });

  test("a span that begins between key frames is refused, not cut elsewhere", async () => {
    const source = { kind: "file", path: folder.file("b-frames.mp4") } as const;
    const info = await engine.probe(source);
    const spans = [{ startSeconds: 0.3, endSeconds: 2 }];
    await expect(splitAll(engine, source, info, spans, { encoder: "copy" })).rejects.toThrow(
      expect.objectContaining({ reason: "copy-failed" }),
    );
  });
});

test.each([
  ["mpeg2video", "mp3"],
  ["mpeg1video", "mp3"],
  ["mjpeg", "ac3"],
  ["mpeg4", "aac"],
])("clips of %s and %s are told as such", async (videoCodec, audioCodec) => {
  const path = folder.file(`${videoCodec}.mkv`);
  const codecs = ["-c:v", videoCodec, "-c:a", audioCodec === "mp3" ? "libmp3lame" : audioCodec];
  await ffmpeg(...picture("64x64", "25", 1), ...tone(1), ...codecs, path);
  const source = { kind: "file", path } as const;
  const info = await engine.probe(source);
  const spans = [{ startSeconds: 0, endSeconds: info.durationSeconds }];
  const { clips } = await splitAll(engine, source, info, spans, { encoder: "copy", sampleFrames: [[]] });
  expect(clips.map((clip) => clip.info)).toMatchObject([{ videoCodec, audioCodec }]);
});
