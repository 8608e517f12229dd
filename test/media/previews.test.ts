// Previews of a split: what they show, for how long, and the same by either engine. ffprobe cannot read animated WebP, so
// their chunks are read here, after Google's container specification.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine, Preview, SplitRequest } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { createWasmEngine } from "../../src/media/wasm/create_wasm_engine.ts";
import { finishWebp } from "../../src/media/webp_animation.ts";
import { fast, ffmpeg, picture, splitAll, turnClockwise } from "./generated_videos.ts";

let folder: TempFolder;
let native: MediaEngine;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  native = await createNativeEngine();
});
afterAll(() => folder.remove());

interface Animation {
  readonly width: number;
  readonly height: number;
  readonly milliseconds: readonly number[];
}

function animationOf({ data }: Preview): Animation {
  const bytes = Buffer.from(data);
  expect(bytes.toString("latin1", 0, 4) + bytes.toString("latin1", 8, 12)).toBe("RIFFWEBP");
  expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
  const milliseconds: number[] = [];
  let [width, height] = [0, 0];
  for (let at = 12; at < bytes.length; ) {
    const [type, size] = [bytes.toString("latin1", at, at + 4), bytes.readUInt32LE(at + 4)];
    if (type === "VP8X")
      [width, height] = [bytes.readUIntLE(at + 12, 3) + 1, bytes.readUIntLE(at + 15, 3) + 1];
    if (type === "ANMF") milliseconds.push(bytes.readUIntLE(at + 8 + 12, 3));
    at += 8 + size + (size % 2);
  }
  return { width, height, milliseconds };
}

const spans = [
  { startSeconds: 0, endSeconds: 4 },
  { startSeconds: 5, endSeconds: 8 },
];
const previews = {
  framesPerSecond: 2,
  height: 48,
  windows: [
    [
      { first: 0, end: 50 },
      { first: 50, end: 100 },
    ],
    [{ first: 25, end: 75 }],
  ],
} satisfies SplitRequest["previews"];

describe("previews", () => {
  test("one for each window, at the rate and height that were asked for", async () => {
    const path = folder.file("eight seconds.mp4");
    await ffmpeg(...picture("128x96", "25", 8), ...fast, path);
    const source = { kind: "file", path } as const;
    const info = await native.probe(source);
    const byNative = await splitAll(native, source, info, spans, { previews });
    expect(byNative.previews.map(({ clip, window }) => [clip, window])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    expect(byNative.clips.length).toBe(2);
    for (const preview of byNative.previews) {
      const { milliseconds, ...size } = animationOf(preview);
      expect(size).toEqual({ width: 64, height: 48 });
      // Moments 0, 0.5, ... met by frames of 0.04 s: 0, 0.52, 1, 1.52; the last is shown as long as the rate says.
      expect(milliseconds).toEqual([520, 480, 520, 500]);
    }
    expect(byNative.report.notes).toEqual([]);

    const alone = await splitAll(native, source, info, spans, {
      ...{ encoder: null, sampleFrames: [] },
      previews,
    });
    expect(alone.previews).toEqual(byNative.previews);

    const wasm = await createWasmEngine();
    const byWasm = await splitAll(wasm, source, info, spans, { previews });
    expect(byWasm.previews.map(animationOf)).toEqual(byNative.previews.map(animationOf));
  });

  test("keep the picture's shape where it is turned or its pixels are not square", async () => {
    const path = folder.file("turned.mp4");
    await ffmpeg(...picture("160x90", "25", 4), "-vf", "setsar=2", ...fast, path);
    const bytes = await readFile(path);
    turnClockwise(bytes, 90);
    await writeFile(path, bytes);
    const source = { kind: "file", path } as const;
    const info = await native.probe(source);
    const request = { ...previews, height: 80, windows: [[{ first: 0, end: 100 }]] };
    const { previews: made } = await splitAll(native, source, info, [{ startSeconds: 0, endSeconds: 4 }], {
      ...{ encoder: null, sampleFrames: [] },
      previews: request,
    });
    // Upright it is 90 wide and 160 high, of pixels half as wide as high: 22.5 x 80.
    const { width, height } = animationOf(made[0]!);
    expect([width, height]).toEqual([22, 80]);
  });

  test("a video lower than the preview keeps its height; a window of a single frame is a still picture", async () => {
    const path = folder.file("low.mp4");
    await ffmpeg(...picture("64x36", "25", 4), ...fast, path);
    const source = { kind: "file", path } as const;
    const info = await native.probe(source);
    const request = {
      ...previews,
      height: 240,
      windows: [
        [
          { first: 0, end: 60 },
          { first: 60, end: 61 },
        ],
      ],
    };
    const { previews: made } = await splitAll(native, source, info, [{ startSeconds: 0, endSeconds: 4 }], {
      ...{ encoder: null, sampleFrames: [] },
      previews: request,
    });
    expect(animationOf(made[0]!)).toMatchObject({ width: 64, height: 36 });
    expect(finishWebp(made[1]!.data, 500)).toBe(1);
    expect(animationOf(made[1]!).milliseconds).toEqual([]);
  });

  test.each([
    ["BT.709", "c83232", ["format=yuv420p"], ["-colorspace", "bt709"]],
    [
      "PQ",
      "785046",
      ["format=yuv420p10"],
      ["-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", "smpte2084"],
    ],
  ])("have the colours of the clip: %s", async (name, color, filters, tags) => {
    const path = folder.file(`${name}.mkv`);
    const flat = ["-f", "lavfi", "-i", `color=c=0x${color}:size=64x48:rate=25:duration=1`];
    const matrix = tags[1] === "bt709" ? "bt709" : "bt2020";
    const made = [`scale=out_color_matrix=${matrix}:out_range=limited`, ...filters].join(",");
    await ffmpeg(...flat, "-vf", made, ...tags, "-c:v", "ffv1", path);
    const source = { kind: "file", path } as const;
    const info = await native.probe(source);
    const request = { ...previews, windows: [[{ first: 0, end: 1 }]] };
    const whole = [{ startSeconds: 0, endSeconds: 1 }];
    const split = await splitAll(native, source, info, whole, { sampleFrames: [], previews: request });
    const [clip, preview] = [folder.file(`${name}.mp4`), folder.file(`${name}.webp`)];
    await writeFile(clip, split.clips[0]!.bytes);
    await writeFile(preview, split.previews[0]!.data);
    const rgb = async (file: string, matrix: string): Promise<readonly number[]> => [
      ...(
        await ffmpeg(
          ...[
            "-i",
            file,
            "-frames:v",
            "1",
            "-vf",
            `scale=in_color_matrix=${matrix}:in_range=limited,format=rgb24`,
          ],
          ...["-f", "rawvideo", "-"],
        )
      ).subarray(0, 3),
    ];
    const [ofClip, ofPreview] = [await rgb(clip, "bt709"), await rgb(preview, "bt601")];
    // WebP of this quality is off by up to 7 codes here; read by the wrong matrix the reds would be 20 apart.
    ofClip.forEach((code, channel) => {
      expect(Math.abs(code - ofPreview[channel]!), `${ofClip} and ${ofPreview}`).toBeLessThan(10);
    });
  });

  test("where damage takes a window, the others are right and a note says so", async () => {
    const path = folder.file("damaged.ts");
    await ffmpeg(...picture("128x96", "25", 8), ...fast, "-g", "10", path);
    const bytes = await readFile(path);
    const source = { kind: "file", path } as const;
    const info = await native.probe(source);
    // About the fifth to sixth of eight seconds.
    bytes.fill(0, Math.floor(bytes.length * 0.62), Math.floor(bytes.length * 0.78));
    await writeFile(path, bytes);
    const windows = [0, 1, 2, 3].map((i) => ({ first: 50 * i, end: 50 * (i + 1) }));
    const { previews: made, report } = await splitAll(
      native,
      source,
      info,
      [{ startSeconds: 0, endSeconds: 8 }],
      { ...{ encoder: null, sampleFrames: [] }, previews: { ...previews, windows: [windows] } },
    );
    const windowsMade = made.map(({ window }) => window);
    expect(windowsMade).toEqual(expect.arrayContaining([0, 1]));
    expect(windowsMade.length).toBeLessThan(4);
    expect(report.notes.join()).toContain(
      `previews left out as frames of theirs were lost: ${4 - made.length}`,
    );
    for (const preview of made) expect(animationOf(preview).milliseconds.length).toBe(4);
  });
});
