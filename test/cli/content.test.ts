// --splitting-algorithm content from the command line: its options reach the detector, and those that contradict each other
// are refused before any video is opened.
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { fast, ffmpeg } from "../media/generated_videos.ts";
import { clipsieve, temporaryFolder } from "./command_line.ts";

const folder = temporaryFolder();
const video = join(folder.path, "a.mp4");

beforeEach(({ skip }) => skip(process.env.GPU === "none", "GPU=none was said"));
beforeAll(async () => {
  const scenes = ["red", "blue", "green"].flatMap((color) => [
    ...["-f", "lavfi", "-i", `color=${color}:size=64x48:rate=10:duration=3`],
  ]);
  await ffmpeg(...scenes, "-filter_complex", "concat=n=3", ...fast, video);
});
afterAll(() => folder.remove());

async function plan(...options: string[]): Promise<{ code: number | null; clips: number; stderr: string }> {
  const output = ["--output-path", join(folder.path, "out"), "--dry-run", "--json", "--quiet"];
  const { code, stdout, stderr } = await clipsieve([
    ...["split", "--video-dir", video, ...output, "--no-generate-embeddings"],
    ...["--splitting-algorithm", "content", ...options],
  ]);
  const { counts } = JSON.parse(stdout || "{}") as { readonly counts?: { readonly clips: number } };
  return { code, clips: counts?.clips ?? 0, stderr };
}

test("clips are scenes, by either detector", async () => {
  expect(await plan()).toMatchObject({ code: 0, clips: 3 });
  expect(await plan("--content-detector", "adaptive")).toMatchObject({ code: 0, clips: 3 });
  expect(await plan("--content-threshold", "200")).toMatchObject({ code: 0, clips: 1 });
});

test("a longest clip below the shortest is wrong usage", async () => {
  const { code, stderr } = await plan("--content-max-length-s", "1");
  expect(code).toBe(2);
  expect(stderr).toContain("the longest clip is shorter than the shortest: 1 s and 2 s");
});
