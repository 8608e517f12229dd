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
  ["ten_bits.mp4", [...small, ...fast, "-pix_fmt", "yuv420p10le"]],
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

/** A file that is refused: which reason all engines must give. */
export interface RefusedFile {
  readonly name: string;
  /** Base64. */
  readonly video: string;
  readonly reason: string;
}

export async function refusedFiles(native: MediaEngine, folder: TempFolder): Promise<RefusedFile[]> {
  const whole = folder.file("whole.mp4");
  await ffmpeg(...small, ...tone(2), ...fast, "-c:a", "aac", whole);
  await ffmpeg("-i", whole, "-vn", "-c", "copy", folder.file("sound.mp4"));
  const key = "00112233445566778899aabbccddeeff";
  const encryption = ["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key];
  await ffmpeg("-i", whole, "-c", "copy", ...encryption, folder.file("encrypted.mp4"));
  await folder.write("cut_off.mp4", (await readFile(whole)).subarray(0, 5000));
  await folder.write("text.mp4", "#EXTM3U\nvideo.mp4\n");
  await folder.write("noise.mp4", "\u0003\u0091".repeat(3000));
  await folder.write("empty.mp4", "");
  const names = "sound.mp4 encrypted.mp4 cut_off.mp4 text.mp4 noise.mp4 empty.mp4".split(" ");
  return await Promise.all(
    names.map(async (name) => {
      const path = folder.file(name);
      const reason = await native.probe({ kind: "file", path }).then(
        () => "none",
        (error: { readonly reason?: string }) => error.reason ?? String(error),
      );
      return { name, video: (await readFile(path)).toString("base64"), reason };
    }),
  );
}

/** An mp4 whose index is whole and of whose frames two stretches are zeros. Base64. */
export async function damagedFile(folder: TempFolder): Promise<string> {
  const path = folder.file("damaged.mp4");
  await ffmpeg(...picture("320x192", "25", 4), ...fast, "-g", "10", "-movflags", "+faststart", path);
  const bytes = await readFile(path);
  for (const share of [0.3, 0.7]) {
    const from = Math.floor(bytes.length * share);
    bytes.fill(0, from, from + Math.floor(bytes.length / 20));
  }
  return bytes.toString("base64");
}
