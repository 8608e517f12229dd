// Inputs that are no videos: each is refused with its own stable reason, at once.
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { InputError, type ReasonCode } from "../../src/errors.ts";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { fast, ffmpeg, picture, tone } from "./generated_videos.ts";

let folder: TempFolder;
let engine: MediaEngine;
let video: string;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  engine = await createNativeEngine();
  video = folder.file("video.mp4");
  await ffmpeg(...picture("64x64", "10", 1), ...fast, video);
});
afterAll(() => folder.remove());

const makers: readonly [string, ReasonCode, boolean, (path: string) => Promise<unknown>][] = [
  ["missing.mp4", "unreadable", false, async () => undefined],
  ["folder.mp4", "not-a-file", true, (path) => mkdir(path)],
  ["pipe.mp4", "not-a-file", true, (path) => promisify(execFile)("mkfifo", [path])],
  ["loop.mp4", "broken-link", true, (path) => symlink(path, path)],
  ["empty.mp4", "empty-file", true, (path) => writeFile(path, "")],
  ["noise.mp4", "not-a-video", true, (path) => writeFile(path, Buffer.alloc(5000, "\u0003\u0091\u00fe"))],
  ["text.mp4", "not-a-video", true, (path) => writeFile(path, "Dear diary,\n")],
  ["hls.mp4", "playlist", true, (path) => writeFile(path, `#EXTM3U\n#EXTINF:1,\n${video}\n#EXT-X-ENDLIST\n`)],
  ["concat.mp4", "playlist", true, (path) => writeFile(path, `ffconcat version 1.0\nfile '${video}'\n`)],
  ["sound.mp4", "no-video-stream", true, (path) => ffmpeg(...tone(1), "-c:a", "aac", path)],
  ["cover.m4a", "no-video-stream", true, makeCover],
  [
    "cut off.mp4",
    "incomplete-metadata",
    false,
    async (path) => writeFile(path, (await readFile(video)).subarray(0, 2000)),
  ],
];

async function makeCover(path: string): Promise<void> {
  const image = folder.file("cover.png");
  await ffmpeg(...picture("64x64", "1", 1), "-frames:v", "1", image);
  const streams = ["-map", "0", "-map", "1", "-c:a", "aac", "-c:v", "png", "-disposition:v", "attached_pic"];
  await ffmpeg(...tone(1), "-i", image, ...streams, path);
}

test.each(makers)("%s is refused as %s", async (name, reason, skipped, make) => {
  const path = folder.file(name);
  await make(path);
  const probe = engine.probe({ kind: "file", path });
  await expect(probe).rejects.toThrow(InputError);
  await expect(probe).rejects.toMatchObject({ reason, skipped });
  // The file, the value where there is one, and the remedy as a sentence of its own.
  await expect(probe).rejects.toThrow(new RegExp(`: \\S*${name}( \\(.*\\))?\\. [A-Z].*[^.]$`));
});

test("a file that may not be read", async () => {
  const path = folder.file("locked.mp4");
  await writeFile(path, await readFile(video));
  await chmod(path, 0);
  const probe = engine.probe({ kind: "file", path });
  // The superuser may read everything.
  if (process.getuid?.() === 0) await expect(probe).resolves.toMatchObject({ frameCount: 10 });
  else await expect(probe).rejects.toMatchObject({ reason: "unreadable" });
});

test("frames of more than 64 megapixels", async () => {
  const path = folder.file("bomb.mov");
  await ffmpeg(...picture("64x64", "1", 1), "-c:v", "png", path);
  const bytes = await readFile(path);
  const entry = bytes.lastIndexOf("png ", bytes.indexOf("stts")) + 28;
  for (const at of [entry, entry + 2]) bytes.writeUInt16BE(20_000, at);
  const header = bytes.indexOf("IHDR") + 4;
  for (const at of [header, header + 4]) bytes.writeUInt32BE(20_000, at);
  await writeFile(path, bytes);
  await expect(engine.probe({ kind: "file", path })).rejects.toMatchObject({ reason: "limit-pixels" });
});

test("cover art is passed over, and the default stream is taken", async () => {
  const image = folder.file("art.png");
  await ffmpeg(...picture("96x96", "1", 1), "-frames:v", "1", image);
  const path = folder.file("with art.mp4");
  await ffmpeg(
    "-i",
    image,
    "-i",
    video,
    "-map",
    "0",
    "-map",
    "1",
    "-c",
    "copy",
    "-disposition:v:0",
    "attached_pic",
    path,
  );
  expect(await engine.probe({ kind: "file", path })).toMatchObject({
    width: 64,
    videoCodec: "h264",
    frameCount: 10,
  });
});

test("bytes without content", async () => {
  const probe = engine.probe({ kind: "bytes", bytes: new Uint8Array(0), name: "nothing" });
  await expect(probe).rejects.toMatchObject({ reason: "empty-file" });
});
