// What every engine in every runtime must answer for a video: the answers of the native engine, as plain data that travels
// as JSON.
import { readFile, writeFile } from "node:fs/promises";
import type { TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { fast, ffmpeg, picture, tone, turnClockwise } from "../media/generated_videos.ts";
import { answersOf, type MediaAnswers } from "./media_answers.ts";

export interface MediaCase {
  readonly name: string;
  /** Base64. */
  readonly video: string;
  readonly answers: MediaAnswers;
}

const small = picture("96x64", "25", 2);
const vp9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"];
const uneven = ["-vf", "select='not(mod(n,3))+gt(n,30)'", "-fps_mode", "vfr"];

/** Two seconds each; the first has B-frames, sound and a quarter turn. */
const recipes: readonly (readonly [name: string, args: readonly string[]])[] = [
  [
    "turned.mp4",
    [...picture("96x64", "30000/1001", 2), ...tone(2), "-c:v", "libx264", "-bf", "2", "-c:a", "aac"],
  ],
  ["odd.mp4", [...picture("81x47", "25", 2), ...fast, "-pix_fmt", "yuv420p"]],
  ["uneven.mp4", [...small, ...uneven, ...fast]],
  ["mp3.mkv", [...small, ...tone(2), ...fast, "-c:a", "libmp3lame"]],
  ["vp9.webm", [...small, ...tone(2), ...vp9, "-c:a", "libopus"]],
  ["late.ts", [...small, "-output_ts_offset", "5", ...fast]],
  ["other.avi", [...small, ...tone(2), "-c:v", "mpeg4", "-bf", "2", "-c:a", "libmp3lame"]],
  ["full.mp4", [...small, ...fast, "-pix_fmt", "yuvj420p", "-color_range", "pc"]],
];

export async function mediaCases(native: MediaEngine, folder: TempFolder): Promise<MediaCase[]> {
  const cases: MediaCase[] = [];
  for (const [name, args] of recipes) {
    const path = folder.file(name);
    await ffmpeg(...args, path);
    const bytes = await readFile(path);
    if (name.startsWith("turned")) {
      turnClockwise(bytes, 64);
      await writeFile(path, bytes);
    }
    const answers = await answersOf(native, { kind: "file", path }, "libx264");
    cases.push({ name, video: bytes.toString("base64"), answers });
  }
  return cases;
}
