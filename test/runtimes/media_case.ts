// What every engine in every runtime must answer for one video: the answers of the native engine, as plain data that
// travels as JSON.
import { readFile, writeFile } from "node:fs/promises";
import type { MediaEngine } from "../../src/media/engine.ts";
import { fast, ffmpeg, picture, tone, turnClockwise } from "../media/generated_videos.ts";
import { answersOf, type MediaAnswers } from "./media_answers.ts";

export interface MediaCase {
  readonly name: string;
  /** Base64. */
  readonly video: string;
  readonly answers: MediaAnswers;
}

/** Two seconds with B-frames, sound and a quarter turn. */
export async function mediaCase(native: MediaEngine, path: string): Promise<MediaCase> {
  await ffmpeg(...picture("96x64", "30000/1001", 2), ...tone(2), ...fast, "-bf", "2", "-c:a", "aac", path);
  const bytes = await readFile(path);
  turnClockwise(bytes, 64);
  await writeFile(path, bytes);
  const answers = await answersOf(native, { kind: "file", path }, "libx264");
  return { name: "turned.mp4", video: bytes.toString("base64"), answers };
}
