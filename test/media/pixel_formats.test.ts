// Every pixel format on its way from a file to RGB: what the engine delivers and the GPU converts is compared with what
// ffmpeg's scaler makes of the same file at full precision. The picture is blurred, since ffmpeg brings chroma to full
// size by a cubic and the GPU by straight lines: at edges as sharp as a test picture's these differ by more than a code.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { frameToRows } from "../../src/kernels/frame_to_rows.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { useGpu } from "../support/gpu.ts";
import { ffmpeg, picture, splitAll } from "./generated_videos.ts";

let folder: TempFolder;
let engine: MediaEngine;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  engine = await createNativeEngine();
});
afterAll(() => folder.remove());

interface Kind {
  /** What the file holds. */
  readonly format: string;
  /** What is delivered; the same where left out. */
  readonly kept?: string;
  readonly codec?: readonly string[];
  readonly extension?: string;
  /** Options that state the colour, and filters that make it so. */
  readonly color?: readonly string[];
  readonly filter?: string;
  /** Where chroma lies, of formats that have less of it than luma: options of the reference's scaler. */
  readonly site?: string;
  readonly size?: string;
}

const [left, level, quarter] = ["in_h_chr_pos=0:in_v_chr_pos=128", "in_h_chr_pos=0", "in_v_chr_pos=128"];
const raw = { codec: ["-c:v", "rawvideo"], extension: "avi" };
const png = { codec: ["-c:v", "png"], extension: "mov" };
const full = { color: ["-color_range", "pc"], filter: "scale=out_range=full" };
const matrix = (name: string) => ({ color: ["-colorspace", name], filter: `scale=out_color_matrix=${name}` });

const kinds: readonly Kind[] = [
  ...["yuv420p", "yuv420p9le", "yuv420p10le", "yuv420p12le", "yuv420p16le"].map((format) => ({
    format,
    site: left,
  })),
  ...["yuv422p", "yuv422p10le", "yuv411p"].map((format) => ({ format, site: level })),
  ...["yuv444p", "yuv444p10le"].map((format) => ({ format })),
  { format: "yuv440p", site: quarter },
  ...["gray", "gray10le", "gray16le", "bgr0", "gbrp10le", "gbrp16le"].map((format) => ({ format })),
  { format: "gbrp", codec: ["-c:v", "utvideo"] },
  { format: "gbrap", kept: "gbrp", codec: ["-c:v", "utvideo"] },
  { format: "yuva420p", kept: "yuv420p", site: left },
  { format: "yuva444p10le", kept: "yuv444p10le" },
  { format: "nv12", site: left, ...raw },
  { format: "yuyv422", kept: "yuv422p", site: level, ...raw },
  { format: "uyvy422", kept: "yuv422p", site: level, ...raw },
  { format: "bgr24", ...raw },
  { format: "rgba", ...png },
  { format: "rgb48be", kept: "rgb48le", ...png },
  { format: "pal8", kept: "rgb24", ...png },
  { format: "monob", kept: "gray", ...png },
  { format: "yuv422p10le", codec: ["-c:v", "prores_ks"], extension: "mov", site: level },
  {
    format: "yuvj420p",
    kept: "yuv420p",
    codec: ["-c:v", "mjpeg", "-q:v", "2"],
    extension: "avi",
    site: "in_h_chr_pos=128:in_v_chr_pos=128",
  },
  { format: "yuv422p", site: level, ...full },
  { format: "yuv420p10le", site: left, ...full },
  { format: "gray10le", color: ["-color_range", "tv"], filter: "scale=out_range=limited" },
  ...["bt709", "bt2020nc", "smpte240m", "fcc", "smpte170m"].map((name) => ({
    format: "yuv444p",
    ...matrix(name),
  })),
  { format: "yuv420p10le", site: left, ...matrix("bt2020nc") },
  // The scaler stretches chroma of odd sizes over the whole picture, half a sample too far: less in a larger one.
  { format: "yuv420p10le", size: "321x241", site: left },
  { format: "yuv410p", size: "321x241", site: "in_h_chr_pos=0:in_v_chr_pos=384" },
  { format: "yuv422p", size: "321x241", site: level },
  { format: "nv12", size: "321x241", site: left, ...raw },
  { format: "bgr24", size: "321x241", ...raw },
];

const name = ({ format, color, size, codec }: Kind): string =>
  [format, ...(color ?? []), size, codec?.[1]].filter((part) => part !== undefined).join(" ");
const pathOf = (kind: Kind): string =>
  folder.file(`${name(kind).replaceAll(" ", "_")}.${kind.extension ?? "mkv"}`);
const referenceOf = (kind: Kind): string => `${pathOf(kind)}.rgb`;

/** All videos by one run of ffmpeg, and the first frames of all by another. */
beforeAll(async () => {
  const videos = kinds.flatMap((kind) => [
    ...["-map", kind.size === undefined ? "0" : "1", "-vf"],
    [
      `gblur=sigma=${kind.size === undefined ? 3 : 8}`,
      ...(kind.filter === undefined ? [] : [kind.filter]),
    ].join(),
    ...[...(kind.codec ?? ["-c:v", "ffv1"]), "-pix_fmt", kind.format, ...(kind.color ?? []), pathOf(kind)],
  ]);
  const sizes = ["64x48", "321x241"].flatMap((size) => picture(size, "5", 0.4));
  await ffmpeg("-filter_complex_threads", "1", ...sizes, ...videos);
  const references = kinds.flatMap((kind, i) => [
    ...["-map", `${i}:v`, "-frames:v", "1", "-pix_fmt", "rgb48le", "-f", "rawvideo", "-vf"],
    `scale=${kind.site === undefined ? "" : `${kind.site}:`}flags=bicubic+full_chroma_int+full_chroma_inp+accurate_rnd`,
    referenceOf(kind),
  ]);
  await ffmpeg(...kinds.flatMap((kind) => ["-i", pathOf(kind)]), ...references);
}, 120_000);

describe("frames of every pixel format", () => {
  const context = useGpu();

  test.each(kinds.map((kind) => [name(kind), kind] as const))("%s", async (_, kind) => {
    const source = { kind: "file", path: pathOf(kind) } as const;
    const info = await engine.probe(source);
    expect(info.pixelFormat).toBe(kind.format);
    const span = { startSeconds: 0, endSeconds: info.durationSeconds };
    const { frames } = await splitAll(engine, source, info, [span], { encoder: null, sampleFrames: [[0]] });
    const { frame } = frames[0]!;
    expect(frame.pixelFormat).toBe(kind.kept ?? kind.format);
    const planes = await frameToRows(context.gpu, [frame], frame.width, "bilinear");
    const expected = await readFile(referenceOf(kind));
    expect(planes).toHaveLength(expected.byteLength / 2);
    let total = 0;
    planes.forEach((value, i) => {
      const [channel, pixel] = [Math.floor(i / (planes.length / 3)), i % (planes.length / 3)];
      total += Math.abs(value - expected.readUInt16LE(2 * (3 * pixel + channel)) / 257);
    });
    expect(total / planes.length, "mean difference in codes of 255").toBeLessThan(1);
  });
});
