// Planted duplicates for the evaluation of an encoder: each kind is what happens to a video on its way through the web,
// as arguments of ffmpeg. Sources are a folder's own videos and ffmpeg's generators.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { extname, join, relative } from "node:path";
import type { YuvFrame } from "../../src/types.ts";

export interface Variant {
  readonly kind: string;
  /** Arguments between input and output. */
  readonly arguments: readonly string[];
  readonly extension: string;
}

const x264 = (quality: number) => ["-c:v", "libx264", "-preset", "veryfast", "-crf", String(quality)];
const even = "trunc(iw/2)*2:trunc(ih/2)*2";
/** 8 % x 6 % of the picture, in the upper right corner. */
const logo = (opacity: number) =>
  [
    `drawbox=x=iw*0.89:y=ih*0.03:w=iw*0.08:h=ih*0.06:color=white@${opacity}:t=fill`,
    `drawbox=x=iw*0.91:y=ih*0.045:w=iw*0.04:h=ih*0.03:color=red@${opacity}:t=fill`,
  ].join(",");

export const variants: readonly Variant[] = [
  { kind: "re-encoded (x264 crf 28)", arguments: ["-vf", `scale=${even}`, ...x264(28)], extension: "mp4" },
  { kind: "low bit rate (x264 crf 40)", arguments: ["-vf", `scale=${even}`, ...x264(40)], extension: "mp4" },
  {
    kind: "another codec (VP9)",
    arguments: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "38", "-b:v", "0"],
    extension: "webm",
  },
  {
    kind: "resized to a half",
    arguments: ["-vf", "scale=trunc(iw/4)*2:trunc(ih/4)*2", ...x264(26)],
    extension: "mp4",
  },
  {
    kind: "resized to 4:3",
    arguments: ["-vf", "scale=320:240,setsar=1", ...x264(26)],
    extension: "mp4",
  },
  {
    kind: "cropped by 2 %",
    arguments: ["-vf", `crop=iw*0.98:ih*0.98,scale=${even}`, ...x264(26)],
    extension: "mp4",
  },
  {
    kind: "cropped by 4 %",
    arguments: ["-vf", `crop=iw*0.96:ih*0.96,scale=${even}`, ...x264(26)],
    extension: "mp4",
  },
  {
    kind: "logo in a corner",
    arguments: ["-vf", `${logo(0.8)},scale=${even}`, ...x264(26)],
    extension: "mp4",
  },
  {
    kind: "15 frames per second",
    arguments: ["-vf", `fps=15,scale=${even}`, ...x264(26)],
    extension: "mp4",
  },
];

/** Generators of ffmpeg that a demonstration would use, some of them twice with another hue or seed. */
export const generators: Readonly<Record<string, string>> = {
  testsrc2: "testsrc2=size=640x360:rate=30",
  "testsrc2-hue90": "testsrc2=size=640x360:rate=30,hue=h=90",
  "testsrc2-hue180": "testsrc2=size=640x360:rate=30,hue=h=180",
  testsrc: "testsrc=size=640x360:rate=30",
  mandelbrot: "mandelbrot=size=640x360:rate=30",
  "mandelbrot-elsewhere": "mandelbrot=size=640x360:rate=30:start_x=-1.25:start_y=0.02",
  "mandelbrot-hue120": "mandelbrot=size=640x360:rate=30,hue=h=120",
  smptebars: "smptebars=size=640x360:rate=30",
  smptehdbars: "smptehdbars=size=640x360:rate=30",
  life: "life=size=320x180:rate=15:mold=10:ratio=0.2:death_color=#402080:life_color=#60ff40:seed=1,scale=640:360:flags=neighbor",
  "life-other":
    "life=size=320x180:rate=15:mold=10:ratio=0.35:death_color=#c83232:life_color=#00ffff:seed=2,scale=640:360:flags=neighbor",
  cellauto: "cellauto=size=320x180:rate=25:rule=110:seed=3,scale=640:360:flags=neighbor",
  "cellauto-30": "cellauto=size=320x180:rate=25:rule=30:seed=4,scale=640:360:flags=neighbor",
  gradients: "gradients=size=640x360:rate=25:seed=5:c0=red:c1=blue:nb_colors=2",
  "gradients-other": "gradients=size=640x360:rate=25:seed=6:c0=yellow:c1=purple:nb_colors=2",
  sierpinski: "sierpinski=size=640x360:rate=25:seed=8",
  rgbtestsrc: "rgbtestsrc=size=640x360:rate=25",
  yuvtestsrc: "yuvtestsrc=size=640x360:rate=25",
  black: "color=black:size=640x360:rate=25",
  grey: "color=gray:size=640x360:rate=25",
};

export function ffmpeg(args: readonly string[]): Buffer {
  return execFileSync("ffmpeg", ["-v", "fatal", "-nostdin", "-y", ...args], { maxBuffer: 2 ** 30 });
}

/** Writes a file once: a run that is repeated takes what is there. */
export function makeFile(path: string, args: readonly string[]): string {
  mkdirSync(join(path, ".."), { recursive: true });
  if (!existsSync(path)) ffmpeg([...args, path]);
  return path;
}

/** Videos below a folder, sorted, as paths relative to it. */
export function listVideos(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && [".mp4", ".mkv", ".webm", ".avi", ".mov"].includes(extname(entry.name)),
    )
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** `count` frames spread over a stretch of a video: `round(linspace(0, n - 1, count))`. */
export function sampleFrames(
  path: string,
  { startSeconds = 0, seconds, count }: { startSeconds?: number; seconds: number; count: number },
): readonly YuvFrame[] {
  // Some AVI files cannot even be sought to their start.
  const seek = startSeconds === 0 ? [] : ["-ss", String(startSeconds)];
  const input = [...seek, "-t", String(seconds), "-i", path, "-map", "0:v:0"];
  const counted = execFileSync(
    "ffmpeg",
    ["-nostdin", "-v", "fatal", "-progress", "-", ...input, "-vsync", "passthrough", "-f", "null", "-"],
    { encoding: "utf8" },
  );
  const total = Number([...counted.matchAll(/^frame=(\d+)/gm)].at(-1)?.[1] ?? 0);
  if (total === 0) return [];
  const wanted = Array.from({ length: count }, (_, i) =>
    Math.round((i * (total - 1)) / Math.max(1, count - 1)),
  );
  const select = [...new Set(wanted)].map((index) => `eq(n\\,${index})`).join("+");
  const probe = execFileSync(
    "ffprobe",
    [
      "-v",
      "fatal",
      "-select_streams",
      "v:0",
      "-show_entries",
      "stream=color_space,color_range",
      "-of",
      "json",
      path,
    ],
    { encoding: "utf8" },
  );
  const [stream] = (JSON.parse(probe) as { streams: { color_space?: string; color_range?: string }[] })
    .streams;
  const y4m = ffmpeg([
    ...input,
    ...["-vf", `select=${select},format=yuv420p`, "-vsync", "passthrough", "-f", "yuv4mpegpipe", "-"],
  ]);
  const header = y4m.subarray(0, y4m.indexOf(10)).toString();
  const [width, height] = [Number(/ W(\d+)/.exec(header)?.[1]), Number(/ H(\d+)/.exec(header)?.[1])];
  const size = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  const frames: YuvFrame[] = [];
  let at = header.length + 1;
  while (at < y4m.length) {
    at = y4m.indexOf(10, at) + 1;
    frames.push({
      width,
      height,
      matrix:
        stream?.color_space === "bt709" || (stream?.color_space === undefined && height >= 720)
          ? "bt709"
          : "bt601",
      range: stream?.color_range === "pc" ? "full" : "limited",
      data: y4m.subarray(at, at + size),
    });
    at += size;
  }
  // A frame that was asked for twice was delivered once.
  const unique = [...new Set(wanted)];
  return wanted.map((index) => frames[Math.min(unique.indexOf(index), frames.length - 1)]!);
}
