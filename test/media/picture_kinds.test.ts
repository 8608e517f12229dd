// Clips and frames of pictures that are not plain: fields, pixels that are not square, high dynamic range, colour that mp4
// must be told of. Clips are decoded by ffmpeg and compared with its own conversion of the source.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { frameToRows } from "../../src/reference/frame_to_rows.ts";
import { decode, fast, ffmpeg, ffprobe, picture, splitAll, turnClockwise } from "./generated_videos.ts";

let folder: TempFolder;
let engine: MediaEngine;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  engine = await createNativeEngine();
});
afterAll(() => folder.remove());

async function splitWhole(path: string, sampleFrames: readonly number[] = [0]) {
  const source = { kind: "file", path } as const;
  const info = await engine.probe(source);
  const span = { startSeconds: 0, endSeconds: info.durationSeconds };
  const outcome = await splitAll(engine, source, info, [span], { sampleFrames: [sampleFrames] });
  const clip = `${path}.clip.mp4`;
  await writeFile(clip, outcome.clips[0]!.bytes);
  return { ...outcome, info, clip };
}

/** Red, green, blue of each pixel of the first frame. */
async function firstPixels(path: string): Promise<Buffer> {
  const scale = "scale=flags=bicubic+full_chroma_int+accurate_rnd";
  return ffmpeg(
    ...["-i", path, "-frames:v", "1", "-vf", scale, "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"],
  );
}

function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let total = 0;
  for (let i = 0; i < a.length; i++) total += Math.abs(a[i]! - b[i]!);
  return total / a.length;
}

const ffv1 = ["-c:v", "ffv1"];

test.each([
  ["gray10le", "limited gray", ["-color_range", "tv"], "scale=out_range=limited"],
  ["yuv422p", "full range", ["-color_range", "pc"], "scale=out_range=full"],
  ["yuv444p10le", "BT.709", ["-colorspace", "bt709"], "scale=out_color_matrix=bt709"],
  ["bgr0", "RGB", [], "null"],
])("a clip of %s, %s, shows the colours of its source", async (format, name, options, filter) => {
  const path = folder.file(`${format} ${name}.mkv`);
  const blurred = `gblur=sigma=8,${filter}`;
  await ffmpeg(
    ...[...picture("160x120", "5", 0.4), "-vf", blurred, ...ffv1, "-pix_fmt", format, ...options, path],
  );
  const { clip, report } = await splitWhole(path);
  expect(report.notes).toEqual([`pixels converted to 8-bit 4:2:0: ${format}`]);
  expect(meanDifference(await firstPixels(clip), await firstPixels(path))).toBeLessThan(3);
  const stated = await ffprobe("-show_entries", "stream=color_range,color_space", "-of", "csv=p=0", clip);
  // An encoder need not say that the range is the usual one.
  expect(stated).not.toMatch(/^pc/);
  if (format === "bgr0") expect(stated).toBe("tv,bt709");
});

test("a clip of PQ is SDR, and looks like the frame that the encoder sees", async () => {
  const path = folder.file("pq.mkv");
  const color = ["-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", "smpte2084"];
  const filters = "format=yuv444p,crop=97:63,gblur=sigma=8,scale=out_color_matrix=bt2020nc";
  await ffmpeg(
    ...[...picture("98x64", "5", 0.4), "-vf", filters, ...ffv1, "-pix_fmt", "yuv420p10le", ...color, path],
  );
  const { clip, frames, report, clips } = await splitWhole(path);
  expect(report.notes).toContain("high dynamic range brought to SDR: PQ");
  expect(clips[0]?.info).toMatchObject({ width: 98, height: 64, frameCount: 2 });
  const { frame } = frames[0]!;
  expect(frame).toMatchObject({ transfer: "pq", matrix: "bt2020", pixelFormat: "yuv420p10le" });
  const planes = frameToRows([frame], 97, "bilinear");
  const shown = await firstPixels(clip);
  let total = 0;
  planes.forEach((value, i) => {
    const [channel, pixel] = [Math.floor(i / (97 * 63)), i % (97 * 63)];
    const at = (Math.floor(pixel / 97) * 98 + (pixel % 97)) * 3 + channel;
    total += Math.abs(value - shown[at]!);
  });
  // The clip is 4:2:0 of 8 bits, from vivid colours at an odd size; codes that were not mapped would be tens away.
  expect(total / planes.length).toBeLessThan(6);
});

test("fields become whole pictures, one for two, and progressive streams are left alone", async () => {
  const progressive = folder.file("progressive.mkv");
  const path = folder.file("interlaced.mkv");
  // A bar that moves by eight columns a field tears every other line where fields are not joined.
  const bar = "color=black:size=128x96:rate=50:duration=1,format=yuv420p";
  const moving =
    "drawbox=x=0:y=0:w=128:h=96:c=black:t=fill,geq=lum='if(between(X-mod(N*8,96),0,16),235,16)':cb=128:cr=128";
  const source = ["-f", "lavfi", "-i", `${bar},${moving}`];
  await ffmpeg(
    ...source,
    "-vf",
    "interlace=lowpass=0",
    "-c:v",
    "mpeg2video",
    "-q:v",
    "2",
    "-flags",
    "+ildct+ilme",
    path,
  );
  await ffmpeg(...source, "-c:v", "mpeg2video", "-q:v", "2", progressive);
  /** How much lines differ from their neighbours, on average. */
  const tearing = (data: Uint8Array): number => {
    let total = 0;
    for (let y = 0; y < 95; y++)
      for (let x = 0; x < 128; x++) total += Math.abs(data[y * 128 + x]! - data[(y + 1) * 128 + x]!);
    return total / (95 * 128);
  };
  const { info, clips, clip, frames, report } = await splitWhole(path, [0, 12, 24]);
  expect(info.stream?.picture.interlaced).toBe(true);
  expect([info.frameCount, clips[0]?.info.frameCount]).toEqual([25, 25]);
  expect((await decode(clip)).frameCount).toBe(25);
  expect(report.notes).toContain("fields joined to whole pictures, where frames are interlaced");
  const torn = await ffmpeg(
    ...[
      "-i",
      path,
      "-vf",
      "select=eq(n\\,12)",
      "-frames:v",
      "1",
      "-pix_fmt",
      "yuv420p",
      "-f",
      "rawvideo",
      "pipe:1",
    ],
  );
  expect(tearing(torn)).toBeGreaterThan(10);
  expect(tearing(frames[1]!.frame.data)).toBeLessThan(tearing(torn) / 3);
  const plain = await splitWhole(progressive);
  expect(plain.info.stream?.picture.interlaced).toBe(false);
  expect(plain.report.notes).toEqual([]);
});

test.each([0, 90])("pixels twice as wide as high keep their shape in clips, turned by %i", async (turn) => {
  const path = folder.file(`wide${turn}.mp4`);
  const upright = turn === 0 ? "null" : "transpose=cclock";
  await ffmpeg(...picture("64x96", "10", 1), "-vf", `setsar=2/1,${upright}`, ...fast, path);
  const { info, frames, clip, report } = await splitWhole(path);
  const aspect = turn === 0 ? 2 : 0.5;
  expect(info.stream?.picture.frame.pixelAspect).toBe(aspect);
  expect(frames[0]!.frame.pixelAspect).toBe(aspect);
  expect(report.notes).toEqual([`pixels are ${aspect} times as wide as high`]);
  const stated = await ffprobe("-show_entries", "stream=sample_aspect_ratio", "-of", "csv=p=0", clip);
  expect(stated).toBe(turn === 0 ? "2:1" : "1:2");
});

test("a picture of one pixel is padded to what an encoder takes, and sampled as it is", async () => {
  const path = folder.file("pixel.mkv");
  await ffmpeg(...picture("16x16", "5", 0.4), "-vf", "format=yuv444p,crop=1:1:3:3", ...ffv1, path);
  const { clips, frames, report } = await splitWhole(path);
  expect(clips[0]?.info).toMatchObject({ width: 2, height: 2, frameCount: 2 });
  expect(frames[0]?.frame).toMatchObject({ width: 1, height: 1, pixelFormat: "yuv444p" });
  expect(report.notes).toContain("padded to an even size as libx264 needs one: 1x1");
});

test("a quarter turn of 4:2:2 is upright for the encoder and in the clip", async () => {
  const path = folder.file("turned.mp4");
  const codec = ["-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv422p"];
  await ffmpeg(...picture("96x64", "5", 0.4), "-vf", "gblur=sigma=8", ...codec, path);
  const mp4 = await readFile(path);
  turnClockwise(mp4, 64);
  await writeFile(path, mp4);
  const { clip, clips, frames } = await splitWhole(path);
  expect(clips[0]?.info).toMatchObject({ width: 64, height: 96, frameCount: 2 });
  const { frame } = frames[0]!;
  // Turned, 4:2:2 has its chroma halved in height, which no layout of the encoder's has: all of it is kept.
  expect(frame).toMatchObject({ width: 64, height: 96, pixelFormat: "yuv444p" });
  const planes = frameToRows([frame], 64, "bilinear");
  const shown = await firstPixels(path);
  const interleaved = Float32Array.from(shown, (_, at) => planes[(at % 3) * 64 * 96 + Math.floor(at / 3)]!);
  expect(meanDifference(interleaved, shown)).toBeLessThan(1);
  expect(meanDifference(await firstPixels(clip), shown)).toBeLessThan(3);
});
